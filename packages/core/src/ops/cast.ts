import type { DType } from "../dtype.ts";
import { castPrimitive } from "../primitives/cast.ts";
import { apply, toTensor, type Tensor, type TensorLike } from "../tensor.ts";

/**
 * x with another element type. Float to integer truncates towards zero and saturates (NaN gives 0) and passes no
 * gradient; integer to integer keeps the 32 bits; to bool is x ≠ 0; bool to number is 0 or 1. Float to float rounds,
 * and its cotangent is cast back.
 *
 * @example cast(greater(tensor([2, -1]), 0), "f32") // [1, 0]
 */
export function cast(x: TensorLike, dtype: DType): Tensor {
  const from = toTensor(x);
  return from.dtype === dtype ? from : apply(castPrimitive, [from], { dtype });
}
