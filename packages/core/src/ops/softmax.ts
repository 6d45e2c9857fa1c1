import { stopGradient } from "../custom.ts";
import { normaliseAxis } from "../shape.ts";
import type { Tensor, TensorLike } from "../tensor.ts";
import { add, div, exp, log, sub } from "./arithmetic.ts";
import { equal, isFinite } from "./compare.ts";
import { max, requireFloat, sum, type Axes, type KeepDims } from "./reductions.ts";
import { reshape } from "./views.ts";
import { where } from "./where.ts";

// All three subtract the largest element first, so that no exponential overflows. The result does not depend on the
// shift, so the shift is a constant to the gradient.

/**
 * y_i = exp(x_i) / Σ_j exp(x_j) along an axis. A row of nothing but -Infinity has no softmax and gives NaN.
 *
 * @throws DTypeError unless x is float, ValueError when the axis is empty
 * @example softmax(tensor([[1, 1], [0, -Infinity]])) // [[0.5, 0.5], [1, 0]]
 */
export function softmax(x: TensorLike, axis: number = -1): Tensor {
  const from = requireFloat("softmax", x);
  const along = normaliseAxis("softmax", axis, from.rank);
  const powers = exp(sub(from, stopGradient(max(from, along, { keepDims: true }))));
  return div(powers, sum(powers, along, { keepDims: true }));
}

/**
 * y_i = x_i − log Σ_j exp(x_j) along an axis: the logarithm of `softmax`, right also where the softmax rounds to 0.
 *
 * @throws as `softmax`
 * @example logSoftmax(tensor([0, -Infinity])) // [0, -Infinity]
 */
export function logSoftmax(x: TensorLike, axis: number = -1): Tensor {
  const from = requireFloat("logSoftmax", x);
  const along = normaliseAxis("logSoftmax", axis, from.rank);
  const shifted = sub(from, stopGradient(max(from, along, { keepDims: true })));
  return sub(shifted, log(sum(exp(shifted), along, { keepDims: true })));
}

/**
 * log Σ exp(x) along the axes, without overflow. Rows of nothing but -Infinity give -Infinity and no gradient.
 *
 * @throws as `softmax`
 * @example logSumExp(tensor([1000, 0])) // 1000
 */
export function logSumExp(x: TensorLike, axes?: Axes, { keepDims = false }: KeepDims = {}): Tensor {
  const from = requireFloat("logSumExp", x, axes);
  const largest = stopGradient(max(from, axes, { keepDims: true }));
  // An infinite shift would make NaN of ∞ − ∞; without one exp gives 0 or ∞, and both are right.
  const shift = where(isFinite(largest), largest, 0);
  const total = sum(exp(sub(from, shift)), axes, { keepDims: true });
  const nothing = equal(total, 0);
  const y = add(where(nothing, -Infinity, log(where(nothing, 1, total))), shift);
  return keepDims ? y : reshape(y, sum(from, axes).shape);
}
