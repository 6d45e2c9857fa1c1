import { isFloat } from "../dtype.ts";
import { binary } from "../primitives/binary-table.ts";
import { toTensor, type Tensor, type TensorLike } from "../tensor.ts";
import { abs } from "./arithmetic.ts";
import { elementwise } from "./elementwise.ts";

// Operands broadcast together and share a dtype; the result is bool, and nothing flows back through it. A comparison
// with NaN is false, except notEqual.

/** a = b. @example equal(tensor([1, 3]), 3) // [0, 1] */
export function equal(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.equal, [a, b]);
}

/** a ≠ b; true when either is NaN. */
export function notEqual(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.notEqual, [a, b]);
}

/** a < b. */
export function less(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.less, [a, b]);
}

/** a ≤ b. */
export function lessEqual(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.lessEqual, [a, b]);
}

/** a > b. */
export function greater(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.greater, [a, b]);
}

/** a ≥ b. */
export function greaterEqual(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.greaterEqual, [a, b]);
}

/** True where x is NaN, the one value that differs from itself. */
export function isNaN(x: TensorLike): Tensor {
  return notEqual(x, x);
}

/** True where x is neither infinite nor NaN: in integers and bools, everywhere. */
export function isFinite(x: TensorLike): Tensor {
  const from = toTensor(x);
  return isFloat(from.dtype) ? less(abs(from), Infinity) : equal(from, from);
}
