import type { MapPrimitive } from "../primitives/map.ts";
import { broadcastShapes, sameShape, type Shape } from "../shape.ts";
import { apply, toTensors, type Tensor, type TensorLike } from "../tensor.ts";
import { broadcastTo } from "./views.ts";

/** Applies a map to operands of one dtype that broadcast together. */
export function elementwise(primitive: MapPrimitive, operands: readonly TensorLike[]): Tensor {
  return apply(primitive, broadcastTogether(primitive.name, toTensors(operands)), {});
}

/**
 * The operands in their common shape. Maps see equal shapes only, so undoing a broadcast is one rule: broadcast's own.
 */
export function broadcastTogether(who: string, operands: readonly Tensor[]): Tensor[] {
  const shape = operands.map((x) => x.shape).reduce((a: Shape, b: Shape) => broadcastShapes(who, a, b));
  return operands.map((x) => (sameShape(x.shape, shape) ? x : broadcastTo(x, shape)));
}
