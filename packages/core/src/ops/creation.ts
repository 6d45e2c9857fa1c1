import type { DType } from "../dtype.ts";
import { valueError } from "../errors.ts";
import { iotaPrimitive } from "../primitives/sources.ts";
import { normaliseAxis, type Shape } from "../shape.ts";
import { apply, full, toTensor, type Tensor, type TensorLike } from "../tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { equal } from "./compare.ts";

/** Every element 0. @example zeros([2, 3]) // [[0, 0, 0], [0, 0, 0]] */
export function zeros(shape: Shape, dtype: DType = "f32"): Tensor {
  return full(shape, 0, dtype);
}

/** Every element 1. @example ones([3], "i32") // [1, 1, 1] */
export function ones(shape: Shape, dtype: DType = "f32"): Tensor {
  return full(shape, 1, dtype);
}

/** Zeros of the shape and dtype of x. @example zerosLike(tensor([[1, 2]])) // [[0, 0]] */
export function zerosLike(x: TensorLike): Tensor {
  const { shape, dtype } = toTensor(x);
  return full(shape, 0, dtype);
}

/** Ones of the shape and dtype of x. @example onesLike(tensor([[1, 2]])) // [[1, 1]] */
export function onesLike(x: TensorLike): Tensor {
  const { shape, dtype } = toTensor(x);
  return full(shape, 1, dtype);
}

/** 0, 1, 2 … along an axis, the same along the others. @example iota([2, 3], 1) // [[0, 1, 2], [0, 1, 2]] */
export function iota(shape: Shape, axis: number, dtype: DType = "i32"): Tensor {
  return apply(iotaPrimitive, [], { shape: [...shape], dtype, axis: normaliseAxis("iota", axis, shape.length) });
}

/**
 * start, start + step, start + 2 · step … short of stop; with one number: 0 … stop − 1. Only the length is part of the
 * plan; start and step may change from step to step.
 *
 * @throws ValueError when the step is 0 or a number is not finite
 * @example arange(2, 8, 3) // [2, 5]
 */
export function arange(start: number, stop?: number, step: number = 1, dtype: DType = "f32"): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!Number.isFinite(length)) {
    throw valueError("arange", "finite numbers and a step other than 0", `start ${from}, stop ${to}, step ${step}`);
  }
  return add(mul(iota([length], 0, dtype), step), from);
}

/** The n × m identity: 1 where row and column agree (m left out: square). @example eye(2) // [[1, 0], [0, 1]] */
export function eye(n: number, m: number = n, dtype: DType = "f32"): Tensor {
  return cast(equal(iota([n, m], 0), iota([n, m], 1)), dtype);
}
