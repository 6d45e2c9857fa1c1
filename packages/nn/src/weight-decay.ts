import type { Tensor } from "@steelyard/core";

/** g + λ·p: the gradient with that of the penalty ½λ‖p‖². Without weight decay no node is made. */
export function withL2(gradient: Tensor, parameter: Tensor, weightDecay: number): Tensor {
  return weightDecay === 0 ? gradient : gradient.add(parameter.mul(weightDecay));
}
