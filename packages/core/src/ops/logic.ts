import { binary } from "../primitives/binary-table.ts";
import { unary } from "../primitives/unary-table.ts";
import type { Tensor, TensorLike } from "../tensor.ts";
import { elementwise } from "./elementwise.ts";

// One set of functions for truth values and for bits: they act on bool, i32 and u32, and a bool is a single bit.

/** a ∧ b, bit by bit. @example and(greater(tensor([-1, 0.5, 2]), 0), less(tensor([-1, 0.5, 2]), 1)) // [0, 1, 0] */
export function and(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.and, [a, b]);
}

/** a ∨ b, bit by bit. */
export function or(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.or, [a, b]);
}

/** a ⊕ b, bit by bit: where they differ. */
export function xor(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.xor, [a, b]);
}

/** ¬x, bit by bit. */
export function not(x: TensorLike): Tensor {
  return elementwise(unary.not, [x]);
}

/** x·2ⁿ modulo 2³²; the distance n counts modulo 32. */
export function shiftLeft(x: TensorLike, n: TensorLike): Tensor {
  return elementwise(binary.shiftLeft, [x, n]);
}

/** ⌊x/2ⁿ⌋: an i32 keeps its sign, a u32 takes in zeros; the distance n counts modulo 32. */
export function shiftRight(x: TensorLike, n: TensorLike): Tensor {
  return elementwise(binary.shiftRight, [x, n]);
}
