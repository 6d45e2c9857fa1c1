import { invariant } from "@steelyard/core";
import type { Affine } from "../affine.ts";
import { denseSteps, volume } from "../contraction/product.ts";
import type { ContractionKernel, Expr, Kernel } from "../ir.ts";
import { areCuttable, clustersOf, readsOf, type Access } from "./accesses.ts";
import { addPiece, bindingsOf, boundExpressions, indexIn } from "./bind.ts";
import { addScratch, type Cutting, type Loop } from "./cutting.ts";
import { boxesOf, distanceOfParts, gridOf, lengthsOfParts, type Box } from "./grid.ts";
import { cutLoop } from "./loops.ts";
import { expressionsWithin } from "./within.ts";

/** A contraction while it is cut: its epilogue names buffers by their place in `held`, and so are A, B and C given. */
type Contraction = Omit<ContractionKernel, "kind" | "buffers" | "numbers">;

interface Operands {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Adds the pieces of a contraction. */
export function cutContraction(kernel: ContractionKernel, cutting: Cutting): void {
  cut(kernel, { a: 0, b: 1, c: kernel.buffers.length - 1 }, cutting);
}

function cut(contraction: Contraction, operands: Operands, cutting: Cutting): void {
  const { outer, n, epilogue, schedule } = contraction;
  const sizes = axesOf(contraction);
  const free = outer.length + 2;
  if (sizes.slice(0, free).includes(0)) return;
  const inPanels = schedule.b === "panels";
  const clusters = clustersOf(accessesOf(contraction, operands, cutting), sizes, cutting);
  const isCuttable = areCuttable(clusters, cutting.room);
  const grid = isCuttable ? gridOf(clusters, sizes, free, cutting.room.elements, inPanels) : sizes;
  const isWhole = sizes.slice(free).every((size, i) => grid[free + i]! >= size);
  if (isCuttable && isWhole) {
    for (const box of boxesOf(sizes, grid)) addContraction(within(contraction, box), operands, cutting);
  } else if (inPanels && n.size > schedule.columns) {
    // Each by itself: only within a panel is a part of the sum, k after k, one stream.
    const panels = boxesOf(sizes, sizes.with(free - 1, schedule.columns));
    for (const box of panels) cut(within(contraction, box), operands, cutting);
  } else {
    invariant(isCuttable || epilogue.kind !== "accumulator", "a contraction without an epilogue can be cut");
    cutSums(contraction, operands, grid, cutting);
  }
}

/** Sums in parts, for as many elements at a time as leave room for all their parts. */
function cutSums(contraction: Contraction, operands: Operands, grid: readonly number[], cutting: Cutting): void {
  const { k, n, schedule } = contraction;
  const sizes = axesOf(contraction);
  const free = sizes.length - k.length;
  const parts = boxesOf(sizes.slice(free), grid.slice(free));
  const lengths =
    schedule.b === "panels"
      ? [...lengthsOfParts(grid.slice(0, free - 1), n.size * parts.length, cutting.room), n.size]
      : lengthsOfParts(grid.slice(0, free), parts.length, cutting.room);
  const boxes = boxesOf(sizes, [...lengths, ...sizes.slice(free)]);
  for (const box of boxes) cutSum(within(contraction, box), operands, parts, cutting);
}

/** Sizes of [outer…, m, n, k…]. */
function axesOf({ outer, m, n, k }: Contraction): number[] {
  return [...outer, m, n, ...k].map(({ size }) => size);
}

/** Sums over each part of the k axes by themselves, one dense result behind the other; a loop adds these up. */
function cutSum(contraction: Contraction, { a, b, c }: Operands, parts: readonly Box[], cutting: Cutting): void {
  const { name, outer, m, n, start, epilogue } = contraction;
  const axes = [...outer, m, n];
  const space = axes.map(({ size }) => size);
  const steps = denseSteps(axes);
  const apart = distanceOfParts(volume(axes), parts.length, cutting.room);
  const partial = addScratch(cutting, apart * parts.length, "f32");
  const sum: Expr = { kind: "accumulator", dtype: "f32", position: 0 };
  parts.forEach(({ from, sizes }, part) => {
    const own = within(contraction, { from: [...space.map(() => 0), ...from], sizes: [...space, ...sizes] });
    const intoScratch: Contraction = {
      ...own,
      name: `parts of ${name}`,
      outer: own.outer.map((axis, i) => ({ ...axis, c: steps[i]! })),
      m: { ...own.m, c: steps.at(-2)! },
      start: { ...own.start, c: part * apart },
      epilogue: sum,
    };
    cut(intoScratch, { a, b, c: partial }, cutting);
  });
  const at: Affine = { constant: 0, coefficients: [...steps, apart] };
  const load: Expr = { kind: "load", dtype: "f32", buffer: partial, at };
  const to: Affine = { constant: start.c, coefficients: [...outer.map((axis) => axis.c), m.c, 1] };
  const finish: Loop = {
    name: `finish ${name}`,
    space,
    reduced: [parts.length],
    accumulators: [{ op: "sum", dtype: "f32", expr: load }],
    stores: [{ buffer: c, at: to, expr: epilogue }],
  };
  cutLoop(finish, cutting);
}

/** What a contraction touches, over [outer…, m, n, k…]. */
function accessesOf(contraction: Contraction, operands: Operands, cutting: Cutting): Access[] {
  const { outer, m, n, k, start, epilogue, schedule } = contraction;
  const [column, rank] = [outer.length + 1, outer.length + 2 + k.length];
  const access = (operand: "a" | "b" | "c", inner: readonly number[], high = 0): Access => {
    const at = { constant: start[operand], coefficients: [...outer.map((axis) => axis[operand]), ...inner] };
    return { buffer: operands[operand], at, low: 0, high, expr: null };
  };
  const a = access("a", [m.a, 0, ...k.map((axis) => axis.a)]);
  const beside = [access("c", [m.c, 1, ...k.map(() => 0)]), ...readsOf([epilogue], rank, cutting)];
  if (schedule.b === "rows") return [a, access("b", [0, n.b, ...k.map((axis) => axis.b)]), ...beside];
  // Panels are not cut along n: that axis stands still, and all its places are touched at once.
  const { columns } = schedule;
  const width = Math.min(columns, Math.ceil(n.size / 4) * 4);
  const rest = Math.ceil((n.size % columns) / 4) * 4;
  const all = volume(k) * (n.size - (n.size % columns) + rest);
  const isOne = n.size <= columns;
  const b = access("b", [0, 0, ...(isOne ? denseSteps(k, width) : k.map(() => 0))], (isOne ? width : all) - 1);
  return [a, b, ...beside.map((each) => atOnce(each, column, n.size))];
}

/** What is touched along an axis, without the axis. */
function atOnce(access: Access, axis: number, size: number): Access {
  const { at, low, high } = access;
  const reach = at.coefficients[axis]! * (size - 1);
  const still = { ...at, coefficients: at.coefficients.with(axis, 0) };
  return { ...access, at: still, low: low + Math.min(0, reach), high: high + Math.max(0, reach) };
}

/** The part of a contraction that a box of [outer…, m, n, k…] holds. */
function within(contraction: Contraction, { from, sizes }: Box): Contraction {
  const { outer, m, n, k, start, epilogue } = contraction;
  const free = outer.length + 2;
  const [rows, columns] = [outer.length, outer.length + 1];
  const distance = (operand: "a" | "b" | "c"): number =>
    outer.reduce((sum, axis, i) => sum + axis[operand] * from[i]!, 0);
  const along = (operand: "a" | "b"): number => k.reduce((sum, axis, i) => sum + axis[operand] * from[free + i]!, 0);
  return {
    ...contraction,
    outer: outer.map((axis, i) => ({ ...axis, size: sizes[i]! })),
    m: { ...m, size: sizes[rows]! },
    n: { ...n, size: sizes[columns]! },
    k: k.map((axis, i) => ({ ...axis, size: sizes[free + i]! })),
    start: {
      a: start.a + distance("a") + m.a * from[rows]! + along("a"),
      b: start.b + distance("b") + placeInB(contraction, from, along("b")),
      c: start.c + distance("c") + m.c * from[rows]! + from[columns]!,
    },
    epilogue: expressionsWithin({ from: from.slice(0, free), sizes: sizes.slice(0, free) })(epilogue),
  };
}

/** Where B begins that starts at these indices; in panels, which are k after k, the first column is one of a panel. */
function placeInB({ outer, n, k, schedule }: Contraction, from: readonly number[], along: number): number {
  const first = from[outer.length + 1]!;
  if (schedule.b === "rows") return n.b * first + along;
  const width = Math.min(schedule.columns, Math.ceil((n.size - first) / 4) * 4);
  const rows = denseSteps(k).reduce((sum, step, i) => sum + step * from[outer.length + 2 + i]!, 0);
  return first * volume(k) + rows * width;
}

function addContraction(contraction: Contraction, { a, b, c }: Operands, cutting: Cutting): void {
  const axes = axesOf(contraction);
  const accesses = accessesOf(contraction, { a, b, c }, cutting);
  const bindings = bindingsOf(accesses, axes, cutting);
  const order = [a, b, ...bindings.buffers.filter((buffer) => ![a, b, c].includes(buffer)), c];
  invariant(bindings.buffers.length === order.length, "a contraction binds each of its buffers once");
  const positions = order.map((buffer) => bindings.buffers.indexOf(buffer));
  const place = (buffer: number, at: number): number => {
    const position = bindings.buffers.indexOf(buffer);
    return indexIn(bindings, position, { constant: at, coefficients: [] }).constant;
  };
  const { start } = contraction;
  const ordered = {
    buffers: order,
    windows: positions.map((position) => bindings.windows[position]!),
    positionOf: (expr: Expr) => positions.indexOf(bindings.positionOf(expr)),
    storedAt: () => order.length - 1,
  };
  const kernel = (numbers: Kernel["numbers"]): ContractionKernel => ({
    kind: "contraction",
    ...contraction,
    start: { a: place(a, start.a), b: place(b, start.b), c: place(c, start.c) },
    epilogue: boundExpressions(ordered)(contraction.epilogue),
    buffers: order.map((buffer) => cutting.held[buffer]!.dtype),
    numbers,
  });
  addPiece(kernel, ordered, cutting);
}
