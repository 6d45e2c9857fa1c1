import { wherePrimitive } from "../primitives/where.ts";
import { apply, toTensor, toTensors, type Tensor, type TensorLike } from "../tensor.ts";
import { broadcastTogether } from "./elementwise.ts";

/**
 * `condition ? a : b`, element by element; the three broadcast together, and numbers take the other branch's dtype.
 * The branch not taken gets a cotangent of exactly 0, whatever its value: `where(greater(x, 0), log(x), 0)` has a clean
 * first factor, but log still divides 0 by x = 0 on its own. Guard the operand, not the result.
 *
 * @throws DTypeError when the condition is not bool or the branches differ
 * @example where(tensor([1, 0, 1], { dtype: "bool" }), tensor([1, 2, 3]), 0) // [1, 0, 3]
 */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  const [yes, no] = toTensors([a, b]) as [Tensor, Tensor];
  return apply(wherePrimitive, broadcastTogether("where", [toTensor(condition, "bool"), yes, no]), {});
}
