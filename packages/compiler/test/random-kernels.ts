import type { DType } from "@steelyard/core";
import fc from "fast-check";
import { rangeOf, type Affine } from "../src/affine.ts";
import type { Accumulator, ContractionKernel, Expr, LoopKernel, OuterAxis, Store } from "../src/index.ts";

// Kernels that no program would ask for, as long as they read and write inside their buffers: steps of any size and sign,
// several places of one buffer, computed places, guards around what would be outside.

/** A kernel, and how many elements each of its buffers has. */
export interface Sized<K> {
  readonly kernel: K;
  readonly sizes: readonly number[];
}

type Draw = fc.GeneratorValue;

const upTo = (draw: Draw, min: number, max: number): number => draw(fc.integer, { min, max });
const choose = <T>(draw: Draw, options: readonly T[]): T => options[upTo(draw, 0, options.length - 1)]!;
const several = <T>(draw: Draw, min: number, max: number, make: () => T): T[] =>
  Array.from({ length: upTo(draw, min, max) }, make);

/** Buffers in the making: each grows until all that is read of it lies inside. */
class Buffers {
  readonly types: DType[] = [];
  readonly sizes: number[] = [];

  add(dtype: DType): number {
    this.sizes.push(1);
    return this.types.push(dtype) - 1;
  }

  /** The index, moved so that it never comes before the first element; what lies `beyond` it is inside as well. */
  place(buffer: number, { coefficients }: Affine, space: readonly number[], start: number, beyond = 0): Affine {
    const [low] = rangeOf({ constant: 0, coefficients }, space);
    const at = { constant: start - low, coefficients };
    this.sizes[buffer] = Math.max(this.sizes[buffer]!, rangeOf(at, space)[1] + beyond + 1);
    return at;
  }
}

const steps = (draw: Draw, space: readonly number[], most: number): Affine => ({
  constant: 0,
  coefficients: space.map(() => choose(draw, [0, 1, 1, 2, -1, upTo(draw, -most, most)])),
});

/** Where an expression is evaluated: within these guards, which leave a box, and beside what has been made there. */
interface Context {
  readonly from: readonly number[];
  readonly sizes: readonly number[];
  readonly known: Expr[];
}

/** Makes expressions of small whole numbers, so many functions deep at most. */
type Tree = (depth: number) => Expr;

/** Expressions over a space, of what has been accumulated too. */
function expressions(
  draw: Draw,
  space: readonly number[],
  buffers: Buffers,
  accumulators: readonly Accumulator[],
): Tree {
  const inputs = several(draw, 1, 3, () => buffers.add("f32"));
  /** A place of a buffer, inside of it at all points of the box. */
  const placed = (buffer: number, most: number, { from, sizes }: Context, beyond = 0): Affine => {
    const { coefficients, constant } = buffers.place(
      buffer,
      steps(draw, space, most),
      sizes,
      upTo(draw, 0, 99),
      beyond,
    );
    return { coefficients, constant: coefficients.reduce((sum, step, axis) => sum - step * from[axis]!, constant) };
  };
  const load = (buffer: number, context: Context): Expr => {
    return { kind: "load", dtype: buffers.types[buffer]!, buffer, at: placed(buffer, 70, context) };
  };
  const lookup = (context: Context): Expr => {
    const buffer = buffers.add("f32");
    const [size, step] = [upTo(draw, 1, 120), upTo(draw, -4, 4)];
    const reach = step * (size - 1);
    const { coefficients, constant } = placed(buffer, 40, context, Math.abs(reach));
    const at = { coefficients, constant: constant + Math.max(0, -reach) };
    return { kind: "lookup", dtype: "f32", buffer, at, index: load(buffers.add("i32"), context), step, size };
  };
  const leaf = (context: Context): Expr => {
    const kind = choose(draw, ["load", "load", "load", "lookup", "index", "number", "constant", "accumulator"]);
    if (kind === "lookup") return lookup(context);
    if (kind === "number") return { kind, dtype: "f32", position: 0 };
    if (kind === "index") return inF32({ kind, dtype: "i32", index: steps(draw, space, 2) });
    if (kind === "constant") return { kind, dtype: "f32", value: upTo(draw, -2, 2) };
    if (kind === "accumulator" && accumulators.length > 0) {
      const position = upTo(draw, 0, accumulators.length - 1);
      return inF32({ kind, dtype: accumulators[position]!.dtype, position });
    }
    return load(choose(draw, inputs), context);
  };
  /** What may be outside of its buffers but for the guard. */
  const guarded = (depth: number, context: Context): Expr => {
    const axis = upTo(draw, 0, space.length - 1);
    const [first, all] = [context.from[axis]!, context.sizes[axis]!];
    const low = first + upTo(draw, 0, all - 1);
    const size = upTo(draw, 1, first + all - low);
    const index: Affine = { constant: -low, coefficients: space.map((_, i) => (i === axis ? 1 : 0)) };
    const { from, sizes, known } = context;
    const inside = { from: from.with(axis, low), sizes: sizes.with(axis, size), known: [...known] };
    const [value, otherwise] = [tree(depth, inside), tree(depth, context)];
    return { kind: "guarded", dtype: "f32", guards: [{ index, size }], value, otherwise };
  };
  const composed = (depth: number, context: Context): Expr => {
    if (depth === 0) return leaf(context);
    const kind = choose(draw, ["call", "call", "where", "guarded", "again"]);
    if (kind === "again" && context.known.length > 0) return choose(draw, context.known);
    if (kind === "guarded" && space.length > 0) return guarded(depth - 1, context);
    const [x, y] = [tree(depth - 1, context), tree(depth - 1, context)];
    if (kind !== "where") return call("f32", choose(draw, ["add", "sub", "maximum"]), x, y);
    return { kind, dtype: "f32", condition: call("bool", "less", leaf(context), x), yes: y, no: x };
  };
  const tree = (depth: number, context: Context): Expr => {
    const expr = composed(depth, context);
    context.known.push(expr);
    return expr;
  };
  const whole: Context = { from: space.map(() => 0), sizes: space, known: [] };
  return (depth) => tree(depth, whole);
}

function inF32(value: Expr): Expr {
  return value.dtype === "f32" ? value : { kind: "cast", dtype: "f32", value };
}

function call(dtype: DType, name: string, ...args: Expr[]): Expr {
  return { kind: "call", dtype, name, args };
}

function accumulator(draw: Draw, tree: Tree): Accumulator {
  const op = choose(draw, ["sum", "max", "min", "prod", "choose"] as const);
  const expr = tree(upTo(draw, 0, 2));
  if (op === "choose") return { op, dtype: "f32", expr, least: draw(fc.boolean), value: tree(1) };
  // Products of whole numbers grow beyond what an f32 counts; those of an i32 go round.
  if (op === "prod") return { op, dtype: "i32", expr: { kind: "cast", dtype: "i32", value: expr } };
  return { op, dtype: "f32", expr };
}

/** Steps of axes in some order such that no two points share a place. */
function apart(draw: Draw, sizes: readonly number[], unit: number): number[] {
  const result = sizes.map(() => 0);
  let step = unit;
  const axes = sizes.map((_, axis) => axis);
  while (axes.length > 0) {
    const [axis] = axes.splice(upTo(draw, 0, axes.length - 1), 1) as [number];
    result[axis] = step;
    step *= sizes[axis]!;
  }
  return result;
}

export function randomLoop(draw: Draw): Sized<LoopKernel> {
  const buffers = new Buffers();
  const space = several(draw, 0, 3, () => upTo(draw, 1, 7));
  const reduced = draw(fc.boolean) ? several(draw, 1, 2, () => upTo(draw, 1, 7)) : [];
  const inner = expressions(draw, [...space, ...reduced], buffers, []);
  const accumulators = reduced.length > 0 ? several(draw, 1, 2, () => accumulator(draw, inner)) : [];
  const outer = expressions(draw, space, buffers, accumulators);
  const stores: Store[] = [];
  // Several into one buffer, side by side or far from each other.
  for (const count of several(draw, 1, 2, () => upTo(draw, 1, 2))) {
    const buffer = buffers.add("f32");
    const coefficients = apart(draw, space, count);
    const far = draw(fc.boolean) ? count * 7 ** 3 : 0;
    for (let i = 0; i < count; i++) {
      const at = buffers.place(buffer, { constant: 0, coefficients }, space, i * (far + 1));
      stores.push({ buffer, at, expr: outer(upTo(draw, 0, 3)) });
    }
  }
  const { types, sizes } = buffers;
  const lists = { buffers: types, numbers: ["f32" as const] };
  return { kernel: { kind: "loop", name: "random", space, reduced, accumulators, stores, ...lists }, sizes };
}

export function randomContraction(draw: Draw): Sized<ContractionKernel> {
  const buffers = new Buffers();
  const [a, b] = [buffers.add("f32"), buffers.add("f32")];
  const [m, n] = [upTo(draw, 1, 9), upTo(draw, 1, 20)];
  const outer = several(draw, 0, 2, () => upTo(draw, 1, 4));
  const k = several(draw, 1, 2, () => upTo(draw, 1, 8));
  const schedule = { b: choose(draw, ["rows", "panels"] as const), columns: choose(draw, [4, 8, 16]) };
  const [aSteps, bSteps] = [steps(draw, [...outer, m, ...k], 40), steps(draw, [...outer, n, ...k], 40)];
  const aStart = buffers.place(a, aSteps, [...outer, m, ...k], upTo(draw, 0, 99));
  const isPacked = schedule.b === "panels";
  const panels = k.reduce((depth, size) => depth * size, Math.ceil(n / 4) * 4);
  const bStart = isPacked
    ? buffers.place(b, { ...bSteps, coefficients: bSteps.coefficients.slice(0, outer.length) }, outer, 7, panels)
    : buffers.place(b, bSteps, [...outer, n, ...k], upTo(draw, 0, 99));
  const free = [...outer, m, n];
  const sum: Expr = { kind: "accumulator", dtype: "f32", position: 0 };
  const epilogue = several(draw, 0, 2, () => buffers.add("f32")).reduce<Expr>((expr, buffer) => {
    const load = { dtype: "f32" as const, buffer, at: buffers.place(buffer, steps(draw, free, 30), free, 5) };
    return { kind: "call", dtype: "f32", name: "maximum", args: [expr, { kind: "load", ...load }] };
  }, sum);
  const c = buffers.add("f32");
  const cSteps = apart(draw, [...outer, m], n);
  const cStart = buffers.place(c, { constant: 0, coefficients: [...cSteps, 1] }, free, upTo(draw, 0, 70));
  const rank = outer.length;
  const [aOf, bOf] = [aSteps.coefficients, bSteps.coefficients];
  const kernel: ContractionKernel = {
    kind: "contraction",
    name: "random",
    outer: outer.map((size, i): OuterAxis => ({ size, a: aOf[i]!, b: bOf[i]!, c: cSteps[i]! })),
    m: { size: m, a: aOf[rank]!, c: cSteps[rank]! },
    n: { size: n, b: isPacked ? 1 : bOf[rank]! },
    k: k.map((size, i) => ({ size, a: aOf[rank + 1 + i]!, b: isPacked ? 0 : bOf[rank + 1 + i]! })),
    start: { a: aStart.constant, b: bStart.constant, c: cStart.constant },
    epilogue,
    buffers: buffers.types,
    numbers: [],
    schedule,
  };
  return { kernel, sizes: buffers.sizes };
}
