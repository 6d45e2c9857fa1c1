import { shapeError, valueError } from "../errors.ts";
import { broadcastPrimitive } from "../primitives/broadcast-sum.ts";
import { concatPrimitive } from "../primitives/concat.ts";
import { flipPrimitive } from "../primitives/flip.ts";
import { padPrimitive, slicePrimitive } from "../primitives/pad-slice.ts";
import { permutePrimitive } from "../primitives/permute.ts";
import { reshapePrimitive } from "../primitives/reshape.ts";
import { normaliseAxes, normaliseAxis, sameShape, showShape, sizeOf, type Shape } from "../shape.ts";
import { apply, full, toTensor, toTensors, type Tensor, type TensorLike } from "../tensor.ts";
import { where } from "./where.ts";

/**
 * The same values in row-major order under another shape; one size may be -1.
 *
 * @throws ShapeError when the sizes do not multiply to the tensor's
 * @example reshape(zeros([4, 5]), [-1, 10]).shape // [2, 10]
 */
export function reshape(x: TensorLike, shape: Shape): Tensor {
  const from = toTensor(x);
  const open = shape.indexOf(-1);
  const rest = sizeOf(shape.filter((_, i) => i !== open));
  if (shape.some((size, i) => i !== open && !(Number.isInteger(size) && size >= 0)) || (open >= 0 && rest === 0)) {
    const needs = "sizes that are whole and not negative, at most one -1 and no 0 beside it";
    throw valueError("reshape", needs, showShape(shape));
  }
  const to = open >= 0 && from.size % rest === 0 ? shape.with(open, from.size / rest) : shape;
  return sameShape(from.shape, to) ? from : apply(reshapePrimitive, [from], { shape: [...to] });
}

/**
 * Reorders the axes: axis i of the result is axis permutation[i] of x; left out, the order is reversed.
 *
 * @throws ValueError when the permutation does not name every axis once
 * @example
 * // NHWC → NCHW
 * transpose(zeros([8, 32, 32, 3]), [0, 3, 1, 2]).shape // [8, 3, 32, 32]
 */
export function transpose(x: TensorLike, permutation?: readonly number[]): Tensor {
  const from = toTensor(x);
  const order = permutation?.map((axis) => normaliseAxis("transpose", axis, from.rank));
  return apply(permutePrimitive, [from], { permutation: order ?? from.shape.map((_, i) => from.rank - 1 - i) });
}

/**
 * Adds an axis of size 1 so that it stands at `axis` of the result.
 *
 * @example expandDims(tensor([1, 2, 3]), -1) // [[1], [2], [3]]
 */
export function expandDims(x: TensorLike, axis: number): Tensor {
  const from = toTensor(x);
  return reshape(from, from.shape.toSpliced(normaliseAxis("expandDims", axis, from.rank + 1), 0, 1));
}

/**
 * Drops axes of size 1: the given ones, or all.
 *
 * @throws ShapeError when a given axis has another size
 * @example squeeze(zeros([1, 3, 1]), 0).shape // [3, 1]
 */
export function squeeze(x: TensorLike, axes?: number | readonly number[]): Tensor {
  const from = toTensor(x);
  const ofSizeOne = from.shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const drop = normaliseAxes("squeeze", axes ?? ofSizeOne, from.rank);
  const long = drop.find((axis) => !ofSizeOne.includes(axis));
  if (long !== undefined) throw shapeError("squeeze", `size 1 on axis ${long}`, showShape(from.shape));
  const kept = from.shape.filter((_, axis) => !drop.includes(axis));
  return reshape(from, kept);
}

/**
 * Stretches axes of size 1 and adds axes in front, as NumPy broadcasts.
 *
 * @throws ShapeError when a size is neither 1 nor the one asked for
 * @example broadcastTo(tensor([1, 2, 3]), [2, 3]) // [[1, 2, 3], [1, 2, 3]]
 */
export function broadcastTo(x: TensorLike, shape: Shape): Tensor {
  const from = toTensor(x);
  return sameShape(from.shape, shape) ? from : apply(broadcastPrimitive, [from], { shape: [...shape] });
}

/**
 * The tensors one after another along an axis.
 *
 * @throws ShapeError when shapes differ outside the axis, DTypeError when dtypes differ, ValueError when there are none
 * @example concat([zeros([2, 3]), ones([2, 4])], 1).shape // [2, 7]
 */
export function concat(xs: readonly TensorLike[], axis: number = 0): Tensor {
  const parts = toTensors(xs);
  if (parts.length === 0) throw valueError("concat", "at least one tensor", "none");
  return apply(concatPrimitive, parts, { axis: normaliseAxis("concat", axis, parts[0]!.rank) });
}

/**
 * The tensors side by side along a new axis.
 *
 * @throws as `concat`
 * @example stack([tensor([1, 2]), tensor([3, 4])]) // [[1, 2], [3, 4]]
 */
export function stack(xs: readonly TensorLike[], axis: number = 0): Tensor {
  const slices = toTensors(xs).map((x) => expandDims(x, axis));
  return concat(slices, axis);
}

/**
 * Cuts an axis into equal parts (a count) or into parts of the given sizes.
 *
 * @throws ShapeError when the axis does not divide, or the sizes do not add up to it
 * @example split(tensor([1, 2, 3, 4, 5]), [1, 4]) // [[1], [2, 3, 4, 5]]
 */
export function split(x: TensorLike, countOrSizes: number | readonly number[], axis: number = 0): Tensor[] {
  const from = toTensor(x);
  const at = normaliseAxis("split", axis, from.rank);
  const n = from.shape[at]!;
  const sizes =
    typeof countOrSizes === "number" ? Array.from({ length: countOrSizes }, () => n / countOrSizes) : countOrSizes;
  if (sizes.reduce((sum, size) => sum + size, 0) !== n || !sizes.every((size) => Number.isInteger(size) && size >= 0)) {
    const got = typeof countOrSizes === "number" ? `${countOrSizes} equal parts` : `sizes ${showShape(countOrSizes)}`;
    throw shapeError("split", `parts that make up ${n}, the size of axis ${at}`, got);
  }
  let next = 0;
  return sizes.map((size) => {
    const starts = from.shape.map((_, i) => (i === at ? next : 0));
    next += size;
    return slice(from, starts, from.shape.with(at, size));
  });
}

/**
 * A box of the tensor: y[i, …] = x[starts + i · steps, …], for i < sizes. Axes not listed are taken whole,
 * or from their start on.
 *
 * @throws ShapeError when the box leaves the tensor
 * @example
 * // Rows 0 and 1, columns 1, 3 and 5.
 * slice(iota([4, 6], 1), [0, 1], [2, 3], [1, 2]) // [[1, 3, 5], [1, 3, 5]]
 */
export function slice(
  x: TensorLike,
  starts: readonly number[],
  sizes: readonly number[] = [],
  steps: readonly number[] = [],
): Tensor {
  const from = toTensor(x);
  const completed = (given: readonly number[], other: (axis: number) => number): number[] => [
    ...given,
    ...from.shape.slice(given.length).map((_, i) => other(given.length + i)),
  ];
  const sizeFromStart = (axis: number): number =>
    Math.max(0, Math.ceil((from.shape[axis]! - (starts[axis] ?? 0)) / (steps[axis] ?? 1)));
  return apply(slicePrimitive, [from], {
    starts: completed(starts, () => 0),
    sizes: completed(sizes, sizeFromStart),
    steps: completed(steps, () => 1),
  });
}

/**
 * Puts `value` around the tensor: [before, after] for each axis. The padding is a constant and has no gradient.
 *
 * @throws ValueError when an amount is negative, or there is not one pair for each axis
 * @example pad(tensor([[1, 2]]), [[0, 1], [1, 0]]) // [[0, 1, 2], [0, 0, 0]]
 */
export function pad(x: TensorLike, amounts: readonly (readonly [number, number])[], value: number = 0): Tensor {
  const from = toTensor(x);
  const padded = (inside: Tensor): Tensor =>
    apply(padPrimitive, [inside], {
      low: amounts.map(([low]) => low),
      high: amounts.map(([, high]) => high),
      interior: amounts.map(() => 0),
    });
  return value === 0 ? padded(from) : where(padded(full(from.shape, 1, "bool")), padded(from), value);
}

/**
 * The order along the given axes (left out: all) reversed.
 *
 * @example flip(tensor([[1, 2], [3, 4]]), 1) // [[2, 1], [4, 3]]
 */
export function flip(x: TensorLike, axes?: number | readonly number[]): Tensor {
  const from = toTensor(x);
  return apply(flipPrimitive, [from], { axes: normaliseAxes("flip", axes, from.rank) });
}

/**
 * The tensor repeated reps[i] times along axis i.
 *
 * @throws ValueError when there is not one count for each axis
 * @example tile(tensor([[1, 2], [3, 4]]), [2, 1]) // [[1, 2], [3, 4], [1, 2], [3, 4]]
 */
export function tile(x: TensorLike, reps: readonly number[]): Tensor {
  const from = toTensor(x);
  if (reps.length !== from.rank) {
    throw valueError("tile", `one count for each axis of ${showShape(from.shape)}`, showShape(reps));
  }
  // [a, b] → [1, a, 1, b] → [r, a, s, b] → [r·a, s·b]
  const apart = from.shape.flatMap((size) => [1, size]);
  const repeated = from.shape.flatMap((size, i) => [reps[i]!, size]);
  const joined = from.shape.map((size, i) => reps[i]! * size);
  return reshape(broadcastTo(reshape(from, apart), repeated), joined);
}
