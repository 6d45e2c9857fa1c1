import type { DType } from "@steelyard/core";
import type { Affine } from "../affine.ts";
import type { Accumulator, ContractionKernel, Expr, Guard, Kernel, LoopKernel } from "../ir.ts";
import { castValue, rounded, scalarFunction } from "./scalar.ts";

// What a kernel means, executed element by element: the oracle for everything that prints or emits kernels.

/** The elements of a buffer, one number each; a bool is 0 or 1. */
export type Elements = { readonly length: number; [index: number]: number };

/** Told of every access, for tests that count them. */
export interface Observer {
  readonly read?: (buffer: number, at: number) => void;
  readonly wrote?: (buffer: number, at: number) => void;
}

interface Machine {
  readonly buffers: readonly Elements[];
  readonly offsets: readonly number[];
  readonly numbers: readonly number[];
  readonly observer: Observer;
}

/** Where an expression is evaluated: at these indices, with these results of reductions. */
interface Here {
  readonly point: readonly number[];
  readonly accumulated: readonly number[];
  /** Values of sub-expressions met before: they are shared. */
  readonly known: Map<Expr, number>;
}

/**
 * Executes a kernel on buffers and numbers in the order of its lists. Sums and products are taken in f64 and rounded to
 * the dtype of the accumulator at the end; every other value is rounded to its own dtype, as core's interpreter does.
 * Buffers begin at these offsets, in elements, or at their first element.
 *
 * @throws Error for an access outside a buffer
 */
export function simulate(
  kernel: Kernel,
  buffers: readonly Elements[],
  numbers: readonly number[] = [],
  observer: Observer = {},
  offsets: readonly number[] = [],
): void {
  if (buffers.length !== kernel.buffers.length) {
    throw new Error(`${kernel.name} has ${kernel.buffers.length} buffers, got ${buffers.length}`);
  }
  if (numbers.length !== kernel.numbers.length) {
    throw new Error(`${kernel.name} has ${kernel.numbers.length} numbers, got ${numbers.length}`);
  }
  const machine = { buffers, numbers, observer, offsets };
  if (kernel.kind === "loop") runLoop(kernel, machine);
  else runContraction(kernel, machine);
}

function runLoop({ space, reduced, accumulators, stores }: LoopKernel, machine: Machine): void {
  for (const point of points(space)) {
    const accumulated = reduce(accumulators, point, reduced, machine);
    // All expressions are evaluated before anything is stored: a store may overwrite what another has read.
    const here: Here = { point, accumulated, known: new Map() };
    const values = stores.map(({ expr }) => evaluate(expr, here, machine));
    stores.forEach(({ buffer, at }, i) => write(machine, buffer, indexAt(at, point), values[i]!));
  }
}

function reduce(
  accumulators: readonly Accumulator[],
  point: readonly number[],
  reduced: readonly number[],
  machine: Machine,
): number[] {
  const totals = accumulators.map(totalOf);
  if (totals.length === 0) return [];
  for (const inner of points(reduced)) {
    const here: Here = { point: [...point, ...inner], accumulated: [], known: new Map() };
    accumulators.forEach((accumulator, i) => {
      const value = evaluate(accumulator.expr, here, machine);
      totals[i]!.take(value, () => (accumulator.op === "choose" ? evaluate(accumulator.value, here, machine) : value));
    });
  }
  return accumulators.map(({ dtype }, i) => rounded(totals[i]!.result(), dtype));
}

/** A reduction in progress: `kept` is what stays when `value` is the one that is chosen. */
interface Total {
  take(value: number, kept: () => number): void;
  result(): number;
}

function totalOf(accumulator: Accumulator): Total {
  if (accumulator.op === "choose") return firstBest(accumulator.least);
  const { op, dtype } = accumulator;
  const integer = dtype === "i32" || dtype === "u32";
  if (op === "sum") return folded(0, (sum, x) => (integer ? rounded(sum + x, dtype) : sum + x));
  if (op === "prod") return folded(1, (product, x) => (integer ? Math.imul(product, x) : product * x));
  if (op === "max") return folded(-Infinity, Math.max);
  return folded(Infinity, Math.min);
}

function folded(start: number, step: (total: number, x: number) => number): Total {
  let total = start;
  return { take: (x) => void (total = step(total, x)), result: () => total };
}

/** The first of equals, and a NaN before all numbers. */
function firstBest(least: boolean): Total {
  let best: number | null = null;
  let value = 0;
  return {
    take(x, kept) {
      const wins = best === null || (least ? x < best : x > best) || (Number.isNaN(x) && !Number.isNaN(best));
      if (!wins) return;
      best = x;
      value = kept();
    },
    result: () => value,
  };
}

function runContraction(kernel: ContractionKernel, machine: Machine): void {
  const { outer, m, n, start } = kernel;
  const last = kernel.buffers.length - 1;
  const nest = points(kernel.k.map(({ size }) => size));
  for (const point of points([...outer.map(({ size }) => size), m.size, n.size])) {
    const [i, j] = point.slice(outer.length) as [number, number];
    const [a, b, c] = (["a", "b", "c"] as const).map((operand) =>
      outer.reduce((at, axis, d) => at + axis[operand] * point[d]!, start[operand]),
    ) as [number, number, number];
    let sum = 0;
    nest.forEach((inner, k) => {
      const x = read(
        machine,
        0,
        inner.reduce((at, p, d) => at + p * kernel.k[d]!.a, a + i * m.a),
      );
      sum += x * read(machine, 1, placeInB(kernel, b, inner, k, j));
    });
    const here: Here = { point, accumulated: [sum], known: new Map() };
    write(machine, last, c + i * m.c + j, evaluate(kernel.epilogue, here, machine));
  }
}

/** The place of B[k, j]; `k` counts the points of the nest, of which `inner` is one. */
function placeInB(
  { n, k: nest, schedule }: ContractionKernel,
  b: number,
  inner: readonly number[],
  k: number,
  j: number,
): number {
  if (schedule.b === "rows") return inner.reduce((at, p, d) => at + p * nest[d]!.b, b + j * n.b);
  const { columns } = schedule;
  const first = j - (j % columns);
  const width = Math.min(columns, Math.ceil((n.size - first) / 4) * 4);
  const depth = nest.reduce((product, { size }) => product * size, 1);
  return b + first * depth + k * width + (j - first);
}

function evaluate(expr: Expr, here: Here, machine: Machine): number {
  const known = here.known.get(expr);
  if (known !== undefined) return known;
  const value = rounded(compute(expr, here, machine), expr.dtype);
  here.known.set(expr, value);
  return value;
}

type Evaluators = {
  readonly [Kind in Expr["kind"]]: (
    expr: Extract<Expr, { kind: Kind }>,
    here: Here,
    machine: Machine,
    valueOf: (operand: Expr) => number,
  ) => number;
};

function compute(expr: Expr, here: Here, machine: Machine): number {
  const evaluator = evaluators[expr.kind] as Evaluators["load"];
  return evaluator(expr as Extract<Expr, { kind: "load" }>, here, machine, (operand) =>
    evaluate(operand, here, machine),
  );
}

const evaluators: Evaluators = {
  constant: ({ value }) => value,
  number: ({ position }, _, { numbers }) => numbers[position]!,
  index: ({ index }, { point }) => indexAt(index, point),
  load: ({ buffer, at }, { point }, machine) => read(machine, buffer, indexAt(at, point)),
  lookup({ buffer, at, index, step, size }, { point }, machine, valueOf) {
    const i = valueOf(index);
    return i >= 0 && i < size ? read(machine, buffer, indexAt(at, point) + i * step) : 0;
  },
  accumulator: ({ position }, { accumulated }) => accumulated[position]!,
  call: ({ name, args }, _, __, valueOf) => scalarFunction(name, args[0]!.dtype)(...args.map(valueOf)),
  where({ condition, yes, no }, _, __, valueOf) {
    // Both sides, as a device computes them: their loads have to be inside as well.
    const [chosen, other] = [valueOf(yes), valueOf(no)];
    return valueOf(condition) === 0 ? other : chosen;
  },
  cast: ({ value, dtype }, _, __, valueOf) => castValue(valueOf(value), value.dtype, dtype),
  guarded: ({ guards, value, otherwise }, { point }, _, valueOf) =>
    valueOf(guards.every((guard) => holds(guard, point)) ? value : otherwise),
};

function holds({ index, size }: Guard, point: readonly number[]): boolean {
  const at = indexAt(index, point);
  return at >= 0 && at < size;
}

function indexAt({ constant, coefficients }: Affine, point: readonly number[]): number {
  if (coefficients.length !== point.length) {
    throw new Error(`an index over ${coefficients.length} axes in a space of ${point.length}`);
  }
  return coefficients.reduce((at, c, axis) => at + c * point[axis]!, constant);
}

function read({ buffers, offsets, observer }: Machine, buffer: number, index: number): number {
  const at = index + (offsets[buffer] ?? 0);
  requireInside("read", buffers, buffer, at);
  observer.read?.(buffer, at);
  return buffers[buffer]![at]!;
}

function write({ buffers, offsets, observer }: Machine, buffer: number, index: number, value: number): void {
  const at = index + (offsets[buffer] ?? 0);
  requireInside("written", buffers, buffer, at);
  observer.wrote?.(buffer, at);
  buffers[buffer]![at] = value;
}

function requireInside(what: string, buffers: readonly Elements[], buffer: number, at: number): void {
  const length = buffers[buffer]?.length ?? 0;
  if (at >= 0 && at < length) return;
  throw new Error(`element ${at} of buffer ${buffer} is ${what}, but there are ${length}`);
}

/** All points of a space, the last axis fastest; one point without axes, none with an empty one. */
export function points(space: readonly number[]): number[][] {
  return space.reduce<number[][]>(
    (lead, size) => lead.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}

/** The array that holds values of a dtype as a device does: four bytes an element, an f16 as the f32 of its value. */
export function deviceArray(dtype: DType, source: number | ArrayLike<number>): Float32Array | Int32Array | Uint32Array {
  const length = typeof source === "number" ? source : source.length;
  const array =
    dtype === "i32"
      ? new Int32Array(length)
      : dtype === "f32" || dtype === "f16"
        ? new Float32Array(length)
        : new Uint32Array(length);
  if (typeof source !== "number") array.set(Array.from(source, (value) => rounded(value, dtype)));
  return array;
}
