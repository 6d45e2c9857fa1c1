import type { DType } from "../dtype.ts";
import { shapeError, valueError } from "../errors.ts";
import { cumsumPrimitive } from "../primitives/cumsum.ts";
import { checkIndices, gatherPrimitive, scatterAddPrimitive } from "../primitives/gather-scatter.ts";
import { argSortPrimitive } from "../primitives/sort.ts";
import { broadcastShapes, normaliseAxis, sameShape, showShape, stridesOf } from "../shape.ts";
import { apply, toTensor, toTensors, type Tensor, type TensorLike } from "../tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { equal, less } from "./compare.ts";
import { iota } from "./creation.ts";
import { broadcastTo, expandDims, reshape, slice } from "./views.ts";
import { where } from "./where.ts";

/**
 * x read at the indices along an axis, which the axes of the indices replace: [V, D] and [N, L] → [N, L, D].
 * An index outside 0 … n − 1 reads 0. The gradient of x is a scatter-add.
 *
 * @throws DTypeError unless the indices are i32 or u32
 * @example gather(tensor([[1, 2], [3, 4], [5, 6]]), tensor([2, 0], { dtype: "i32" })) // [[5, 6], [1, 2]]
 */
export function gather(x: TensorLike, indices: TensorLike, axis: number = 0): Tensor {
  const from = toTensor(x);
  return apply(gatherPrimitive, [from, toTensor(indices, "i32")], { axis: normaliseAxis("gather", axis, from.rank) });
}

/**
 * base with the updates added where the indices point: y[…, indices[j…], …] += updates[…, j…, …]. Updates to the same
 * place add up; an index outside 0 … n − 1 drops its update.
 *
 * @throws ShapeError when updates are not shaped as `gather(base, indices, axis)`
 * @throws DTypeError unless the indices are i32 or u32
 * @example
 * // A histogram.
 * scatterAdd(zeros([3]), tensor([2, 0, 2], { dtype: "i32" }), ones([3])) // [1, 0, 2]
 */
export function scatterAdd(base: TensorLike, indices: TensorLike, updates: TensorLike, axis: number = 0): Tensor {
  const [onto, added] = toTensors([base, updates]) as [Tensor, Tensor];
  const at = toTensor(indices, "i32");
  const along = normaliseAxis("scatterAdd", axis, onto.rank);
  const shape = onto.shape.toSpliced(along, 1, ...at.shape);
  if (!sameShape(added.shape, shape)) {
    throw shapeError("scatterAdd", `updates ${showShape(shape)}, one for each index`, showShape(added.shape));
  }
  return add(onto, apply(scatterAddPrimitive, [added, at], { axis: along, size: onto.shape[along]! }));
}

/**
 * 1 at the label along a new last axis, 0 elsewhere; a label outside 0 … depth − 1 gives zeros.
 *
 * @throws DTypeError unless the labels are i32 or u32
 * @example oneHot(tensor([2, 0], { dtype: "i32" }), 3) // [[0, 0, 1], [1, 0, 0]]
 */
export function oneHot(labels: TensorLike, depth: number, dtype: DType = "f32"): Tensor {
  const given = toTensor(labels, "i32");
  checkIndices("oneHot", given);
  const at = cast(expandDims(given, -1), "i32");
  return cast(equal(at, iota([...at.shape.slice(0, -1), depth], -1)), dtype);
}

/**
 * y[…, i, …] = x[…, indices[…, i, …], …]: one index for each element of the result, as NumPy's take_along_axis. The
 * other axes broadcast. An index outside 0 … n − 1 reads 0.
 *
 * @throws ShapeError when the ranks differ or the other axes do not broadcast
 * @throws DTypeError unless the indices are i32 or u32
 * @example takeAlong(tensor([30, 10, 20]), tensor([1, 2, 0], { dtype: "i32" })) // [10, 20, 30]
 */
export function takeAlong(x: TensorLike, indices: TensorLike, axis: number = -1): Tensor {
  const from = toTensor(x);
  const at = toTensor(indices, "i32");
  checkIndices("takeAlong", at);
  const along = normaliseAxis("takeAlong", axis, from.rank);
  if (from.rank !== at.rank) {
    const got = `${showShape(at.shape)} for ${showShape(from.shape)}`;
    throw shapeError("takeAlong", `indices of rank ${from.rank}`, got);
  }
  const n = from.shape[along]!;
  const others = broadcastShapes("takeAlong", from.shape.with(along, 1), at.shape.with(along, 1));
  const source = broadcastTo(from, others.with(along, n));
  const chosen = cast(broadcastTo(at, others.with(along, at.shape[along]!)), "i32");
  // Σ index · stride is the place in the flat source; an index outside its own axis must not land on a neighbour.
  const flat = stridesOf(source.shape)
    .map((stride, i) => mul(i === along ? chosen : iota(chosen.shape, i), stride))
    .reduce((a, b) => add(a, b));
  const inside = where(less(chosen, 0), -1, where(less(chosen, n), flat, -1));
  return gather(reshape(source, [-1]), inside);
}

/** Smallest first, unless told otherwise. */
export interface SortOrder {
  readonly descending?: boolean;
}

/**
 * The indices that sort x along an axis, as i32: the first of equals stays first, NaN comes last.
 *
 * @throws DTypeError for bool
 * @example argSort(tensor([30, 10, 20])) // [1, 2, 0]
 */
export function argSort(x: TensorLike, axis: number = -1, { descending = false }: SortOrder = {}): Tensor {
  const from = toTensor(x);
  return apply(argSortPrimitive, [from], { axis: normaliseAxis("argSort", axis, from.rank), descending });
}

/**
 * x in order along an axis, NaN last. Gradients go back to where the elements came from.
 *
 * @throws DTypeError for bool
 * @example sort(tensor([[3, 1], [2, 4]]), 0) // [[2, 1], [3, 4]]
 */
export function sort(x: TensorLike, axis: number = -1, order: SortOrder = {}): Tensor {
  return takeAlong(x, argSort(x, axis, order), axis);
}

/**
 * The k largest elements along an axis, largest first, and where they were; the first of equals comes first, NaN last.
 *
 * @throws ValueError when k is more than there are
 * @example topK(tensor([30, 10, 20]), 2).indices // [0, 2]
 */
export function topK(x: TensorLike, k: number, axis: number = -1): { values: Tensor; indices: Tensor } {
  const from = toTensor(x);
  const along = normaliseAxis("topK", axis, from.rank);
  const n = from.shape[along]!;
  if (!Number.isInteger(k) || k < 0 || k > n) throw valueError("topK", `k in 0 … ${n}`, String(k));
  const indices = slice(argSort(from, along, { descending: true }), [], from.shape.with(along, k));
  return { values: takeAlong(from, indices, along), indices };
}

/**
 * Running sums along an axis: y_i = Σ x_j over j ≤ i; exclusive: over j < i; reverse: from the end.
 *
 * @throws DTypeError for bool
 * @example cumsum(tensor([1, 2, 3])) // [1, 3, 6]
 */
export function cumsum(
  x: TensorLike,
  axis: number = -1,
  { exclusive = false, reverse = false }: { readonly exclusive?: boolean; readonly reverse?: boolean } = {},
): Tensor {
  const from = toTensor(x);
  return apply(cumsumPrimitive, [from], { axis: normaliseAxis("cumsum", axis, from.rank), exclusive, reverse });
}
