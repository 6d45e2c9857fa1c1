import { isFloat } from "../dtype.ts";
import { dtypeError } from "../errors.ts";
import type { Primitive } from "../primitive.ts";
import { sumPrimitive } from "../primitives/broadcast-sum.ts";
import { argmaxPrimitive, maxPrimitive, minPrimitive, prodPrimitive, type ReduceAttrs } from "../primitives/reduce.ts";
import { normaliseAxes, normaliseAxis, sizeOf } from "../shape.ts";
import { apply, toTensor, type Tensor, type TensorLike } from "../tensor.ts";
import { div, mul, sqrt, sub } from "./arithmetic.ts";
import { equal } from "./compare.ts";
import { expandDims, reshape, transpose } from "./views.ts";
import { where } from "./where.ts";

/** One axis or several; negative ones count from the end. Left out: all. */
export type Axes = number | readonly number[];
/** What becomes of the axes that are reduced. */
export interface KeepDims {
  /** Leave the reduced axes in place, with size 1. */
  readonly keepDims?: boolean;
}

/**
 * Σ x along the axes. An empty sum is 0; i32 stays i32.
 *
 * @throws DTypeError for bool: cast first
 * @example sum(tensor([[1, 2, 3], [4, 5, 6]]), 1) // [6, 15]
 */
export function sum(x: TensorLike, axes?: Axes, { keepDims = false }: KeepDims = {}): Tensor {
  const from = toTensor(x);
  const list = normaliseAxes("sum", axes, from.rank);
  return reshape(apply(sumPrimitive, [from], { axes: list }), reducedShape(from, list, keepDims));
}

/**
 * Σ x / n along the axes; the mean of nothing is NaN.
 *
 * @throws DTypeError unless x is float
 * @example mean(tensor([[1, 2], [3, 6]]), 1) // [1.5, 4.5]
 */
export function mean(x: TensorLike, axes?: Axes, options: KeepDims = {}): Tensor {
  const from = requireFloat("mean", x, axes);
  return div(sum(from, axes, options), countOf(from, axes));
}

/**
 * Π x along the axes. An empty product is 1. The gradient is right where factors are 0, and so is its gradient.
 *
 * @throws DTypeError for bool
 * @example prod(tensor([2, 3, 4])) // 24
 */
export function prod(x: TensorLike, axes?: Axes, options: KeepDims = {}): Tensor {
  return reduce("prod", prodPrimitive, x, axes, options);
}

/**
 * The largest element along the axes; NaN if there is one. The first of equals gets the whole gradient.
 *
 * @throws ValueError when an axis is empty
 * @example max(tensor([[1, 5], [3, 2]]), 0, { keepDims: true }) // [[3, 5]]
 */
export function max(x: TensorLike, axes?: Axes, options: KeepDims = {}): Tensor {
  return reduce("max", maxPrimitive, x, axes, options);
}

/** The smallest element along the axes; otherwise as `max`. @example min(tensor([3, 1, 2])) // 1 */
export function min(x: TensorLike, axes?: Axes, options: KeepDims = {}): Tensor {
  return reduce("min", minPrimitive, x, axes, options);
}

/**
 * The index of the largest element along an axis, as i32: of the first of equals, of the first NaN if there is one.
 *
 * @throws ValueError when the axis is empty
 * @example argMax(tensor([[0, 5, 1], [7, 2, 3]])) // [1, 0]
 */
export function argMax(x: TensorLike, axis: number = -1): Tensor {
  const from = toTensor(x);
  return apply(argmaxPrimitive, [from], { axis: normaliseAxis("argMax", axis, from.rank), least: false });
}

/**
 * The index of the smallest element along an axis; otherwise as `argMax`.
 *
 * @example argMin(tensor([[0, 5, 1], [7, 2, 3]]), 0) // [0, 1, 0]
 */
export function argMin(x: TensorLike, axis: number = -1): Tensor {
  const from = toTensor(x);
  return apply(argmaxPrimitive, [from], { axis: normaliseAxis("argMin", axis, from.rank), least: true });
}

/**
 * Σ (x − mean)² / (n − correction) along the axes: of the population, or with correction 1 an estimate from a sample,
 * which is NaN for a sample of one.
 *
 * @throws DTypeError unless x is float
 * @example variance(tensor([1, 2, 3]), 0, { correction: 1 }) // 1
 */
export function variance(
  x: TensorLike,
  axes?: Axes,
  { correction = 0, ...options }: KeepDims & { readonly correction?: number } = {},
): Tensor {
  const from = requireFloat("variance", x, axes);
  const off = sub(from, mean(from, axes, { keepDims: true }));
  return div(sum(mul(off, off), axes, options), countOf(from, axes) - correction);
}

/**
 * √Σ x² along the axes. At the zero vector, where it has a kink, the gradient is 0.
 *
 * @throws DTypeError unless x is float
 * @example norm(tensor([3, 4])) // 5
 */
export function norm(x: TensorLike, axes?: Axes, options: KeepDims = {}): Tensor {
  const from = requireFloat("norm", x, axes);
  const squares = sum(mul(from, from), axes, options);
  const isZero = equal(squares, 0);
  // The inner `where` keeps the infinite slope of √ at 0 out of the gradient, which would make NaN of 0 · ∞.
  return where(isZero, 0, sqrt(where(isZero, 1, squares)));
}

/** The tensor, once it is known to be float and to have the axes. */
export function requireFloat(who: string, x: TensorLike, axes?: Axes): Tensor {
  const from = toTensor(x);
  normaliseAxes(who, axes, from.rank);
  if (!isFloat(from.dtype)) throw dtypeError(who, "a float tensor", from.dtype, 'cast first: cast(x, "f32")');
  return from;
}

/**
 * Primitives reduce one axis: several are brought together into one, in row-major order, so "first" keeps its sense.
 */
function reduce(
  who: string,
  primitive: Primitive<ReduceAttrs>,
  x: TensorLike,
  axes: Axes | undefined,
  { keepDims = false }: KeepDims,
): Tensor {
  const from = toTensor(x);
  const list = normaliseAxes(who, axes, from.rank);
  if (list.length === 0) return apply(primitive, [expandDims(from, -1)], { axis: from.rank });
  const axis = list[0]!;
  const adjacent = list.at(-1)! - axis === list.length - 1;
  const kept = from.shape.flatMap((_, i) => (list.includes(i) ? [] : [i]));
  const ordered = adjacent ? from : transpose(from, kept.toSpliced(axis, 0, ...list));
  const shape = reducedShape(from, list, false).toSpliced(axis, 0, countOf(from, list));
  return reshape(apply(primitive, [reshape(ordered, shape)], { axis }), reducedShape(from, list, keepDims));
}

function reducedShape({ shape }: Tensor, axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]));
}

function countOf({ shape, rank }: Tensor, axes: Axes | undefined): number {
  return sizeOf(normaliseAxes("reduce", axes, rank).map((axis) => shape[axis]!));
}
