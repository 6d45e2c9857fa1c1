import type { Variable } from "@steelyard/core";
import { optimiserOf, type Optimiser, type Rule, type WeightDecay } from "./optimiser.ts";
import { withL2 } from "./weight-decay.ts";

/** With the Greek letters of the formula below. */
export interface RmsPropOptions {
  readonly learningRate: number;
  /** ρ, how much of the mean square survives a step; 0.9 when left out. */
  readonly decay?: number;
  /** μ; 0 when left out. */
  readonly momentum?: number;
  /** ε, added under the root; 1e-10 when left out, as in TensorFlow. */
  readonly epsilon?: number;
  /** What the mean square starts with; 1 when left out, as in TensorFlow 1 (Keras and PyTorch start with 0). */
  readonly initialMeanSquare?: number;
  /** λ adds λ·p to the gradient, as the penalty ½λ‖p‖² would. */
  readonly weightDecay?: WeightDecay;
}

/**
 * RMSProp with TensorFlow's semantics: s ← ρ·s + (1 − ρ)·g², m ← μ·m + η·g/√(s + ε), p ← p − m.
 *
 * Three points differ from PyTorch's: ε is under the root, the mean square starts at 1 (so first steps are not huge),
 * and the learning rate goes into the momentum (so a new rate does not rescale old steps).
 *
 * Source: Tieleman & Hinton, "Neural networks for machine learning", lecture 6.5;
 * `tf.compat.v1.train.RMSPropOptimizer`.
 *
 * @example rmsProp(parameters(model), { learningRate: 1e-4, momentum: 0.9, epsilon: 1 }) // as the reference method
 */
export function rmsProp(
  parameters: readonly Variable[],
  { decay = 0.9, momentum = 0, epsilon = 1e-10, initialMeanSquare = 1, ...options }: RmsPropOptions,
): Optimiser {
  const rule: Rule = {
    name: "rmsProp",
    slots: { meanSquare: initialMeanSquare, momentum: 0 },
    at:
      ({ learningRate }) =>
      ({ parameter, gradient, slots, weightDecay }) => {
        const g = withL2(gradient, parameter, weightDecay);
        const meanSquare = slots["meanSquare"]!.mul(decay).add(g.square().mul(1 - decay));
        const scaled = g.mul(learningRate).div(meanSquare.add(epsilon).sqrt());
        const velocity = slots["momentum"]!.mul(momentum).add(scaled);
        return { parameter: parameter.sub(velocity), slots: { meanSquare, momentum: velocity } };
      },
  };
  return optimiserOf(rule, parameters, options);
}
