import { sumPrimitive } from "../primitives/broadcast-sum.ts";
import { normaliseAxes } from "../shape.ts";
import { apply, toTensor, type Tensor, type TensorLike } from "../tensor.ts";
import { reshape } from "./views.ts";

export type Axes = number | readonly number[];
export interface KeepDims {
  /** Leave the reduced axes in place, with size 1. */
  readonly keepDims?: boolean;
}

/**
 * Σ x along the given axes (left out: all). An empty sum is 0; i32 stays i32.
 *
 * @throws DTypeError for bool: cast first
 * @example sum(x, 1); // [2, 3] → [2]
 */
export function sum(x: TensorLike, axes?: Axes, { keepDims = false }: KeepDims = {}): Tensor {
  const from = toTensor(x);
  const list = normaliseAxes("sum", axes, from.rank);
  const total = apply(sumPrimitive, [from], { axes: list });
  return keepDims ? reshape(total, withoutAxes(from, list, true)) : total;
}

function withoutAxes({ shape }: Tensor, axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]));
}
