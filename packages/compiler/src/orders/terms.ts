import { isFloat, sizeOf, type DType, type Shape } from "@steelyard/core";
import { axisIndex, placeOf, type Affine } from "../affine.ts";
import type { Accumulator, Expr, LoopKernel } from "../ir.ts";
import { scratch, type Operand, type Scratch, type Step } from "../lowered.ts";
import { rowMajor, type View } from "../view.ts";
import { working } from "../windows/window.ts";

// What the kernels of this folder are written with.

/** A value that lies in memory. */
export interface Stored {
  readonly operand: Operand;
  readonly view: View;
  readonly dtype: DType;
}

export function constant(value: number, dtype: DType = "i32"): Expr {
  return { kind: "constant", dtype, value };
}

export function indexValue(index: Affine, dtype: DType = "i32"): Expr {
  return { kind: "index", dtype, index };
}

export function accumulated(position: number, dtype: DType): Expr {
  return { kind: "accumulator", dtype, position };
}

/** Σ of an expression over the reduced axes. */
export function sumOf(expr: Expr): Accumulator {
  return { op: "sum", dtype: expr.dtype, expr };
}

/** A function of two numbers of one dtype. */
export function call(name: "add" | "sub" | "mul" | "and" | "or", ...args: readonly [Expr, Expr]): Expr {
  return { kind: "call", dtype: args[0].dtype, name, args };
}

export function compare(name: "less" | "lessEqual" | "equal", ...args: readonly [Expr, Expr]): Expr {
  return { kind: "call", dtype: "bool", name, args };
}

export function not(condition: Expr): Expr {
  return { kind: "call", dtype: "bool", name: "not", args: [condition] };
}

export function where(condition: Expr, yes: Expr, no: Expr): Expr {
  return { kind: "where", dtype: yes.dtype, condition, yes, no };
}

/** As a value of the dtype that is stored. */
export function cast(value: Expr, dtype: DType): Expr {
  return value.dtype === dtype ? value : { kind: "cast", dtype, value };
}

/** The axes of a space of that many, and of those reduced. */
export function axesOf(rank: number): readonly Affine[] {
  return Array.from({ length: rank }, (_, axis) => axisIndex(axis, rank));
}

/** The place of the element at these indices, which are over so many axes. */
export function placeIn({ view }: Stored, indices: readonly Affine[], rank: number): Affine {
  return placeOf(indices, view.steps, view.start, rank);
}

/** The element of the buffer that a kernel has at that position. */
export function element(buffer: number, stored: Stored, indices: readonly Affine[], rank: number): Expr {
  const load: Expr = { kind: "load", dtype: stored.dtype, buffer, at: placeIn(stored, indices, rank) };
  return cast(load, working(stored.dtype));
}

/** Steps so far, and the memory they need for themselves. */
export interface Work {
  readonly steps: Step[];
  readonly scratch: Scratch[];
}

/** New memory for a value of that shape, dense. */
export function hold({ scratch: held }: Work, shape: Shape, dtype: DType): Stored {
  const position = held.push({ elements: sizeOf(shape), dtype }) - 1;
  return { operand: scratch(position), view: rowMajor(shape), dtype };
}

/** What a kernel leaves in one of the buffers it writes. */
export interface Written {
  readonly to: Stored;
  readonly at: Affine;
  readonly expr: Expr;
}

/** A kernel over what it reads, then what it writes. */
export function loopStep(
  name: string,
  { space, reduced = [], accumulators = [] }: Pick<LoopKernel, "space"> & Partial<LoopKernel>,
  reads: readonly Stored[],
  writes: readonly Written[],
): Step {
  const targets = [...new Set(writes.map(({ to }) => to))];
  const stored = [...reads, ...targets];
  const kernel: LoopKernel = {
    kind: "loop",
    name,
    space,
    reduced,
    accumulators,
    stores: writes.map(({ to, at, expr }) => ({
      buffer: reads.length + targets.indexOf(to),
      at,
      expr: cast(expr, to.dtype),
    })),
    buffers: stored.map(({ dtype }) => dtype),
    numbers: [],
  };
  return { kernel, operands: stored.map(({ operand }) => operand) };
}

/** Whether a comes before b whatever their places, as core sorts: NaN is behind all numbers, and equals are equal. */
export function precedes(a: Expr, b: Expr, descending: boolean): Expr {
  if (!isFloat(a.dtype)) return descending ? compare("less", b, a) : compare("less", a, b);
  // What is not b ≤ a is a < b, or there is a NaN; if that is not a, it is b.
  const notBehind = not(descending ? compare("lessEqual", a, b) : compare("lessEqual", b, a));
  return call("and", notBehind, compare("equal", a, a));
}
