import type { Affine } from "../src/affine.ts";
import type { Accumulator, ContractionKernel, Expr, Kernel, LoopKernel, Store } from "../src/ir.ts";
import type { Piece } from "../src/pieces/cutting.ts";
import { windowsOf } from "../src/pieces/windows-of.ts";

// Kernels that are cut into pieces, built in a line.

export const at = (constant: number, ...coefficients: number[]): Affine => ({ constant, coefficients });
export const load = (buffer: number, place: Affine): Expr => ({ kind: "load", dtype: "f32", buffer, at: place });
export const sum: Expr = { kind: "accumulator", dtype: "f32", position: 0 };
export const call = (name: string, ...args: Expr[]): Expr => ({ kind: "call", dtype: "f32", name, args });
export const summed = (expr: Expr): Accumulator => ({ op: "sum", dtype: "f32", expr });

export function loop(
  space: number[],
  stores: Store[],
  buffers: number,
  reduced: number[] = [],
  accumulators: Accumulator[] = [],
): LoopKernel {
  const types = Array.from({ length: buffers }, () => "f32" as const);
  return { kind: "loop", name: "k", space, reduced, accumulators, stores, buffers: types, numbers: [] };
}

/** The pieces for windows of so many elements. */
export function pieces(kernel: Kernel, sizes: number[], elements: number, buffers = 8): Piece[] {
  return [...windowsOf(kernel, sizes, { elements, buffers }).pieces];
}

/** C = A·B of [m, k] and [k, n], in rows, A transposed if asked for. */
export function product(m: number, k: number, n: number, isTransposed = false): ContractionKernel {
  return {
    kind: "contraction",
    name: "dot",
    outer: [],
    m: { size: m, a: isTransposed ? 1 : k, c: n },
    n: { size: n, b: 1 },
    k: [{ size: k, a: isTransposed ? m : 1, b: n }],
    start: { a: 0, b: 0, c: 0 },
    epilogue: sum,
    buffers: ["f32", "f32", "f32"],
    numbers: [],
    schedule: { b: "rows", columns: 8 },
  };
}
