import type { Variable } from "@steelyard/core";
import { optimiserOf, type Optimiser, type Rule, type WeightDecay } from "./optimiser.ts";
import { withL2 } from "./weight-decay.ts";

/** With the Greek letters of the formula below. */
export interface SgdOptions {
  readonly learningRate: number;
  /** μ, 0 … 1; 0 when left out, and then no slot is kept. */
  readonly momentum?: number;
  /** Look ahead: step along g + μ·v instead of v; false when left out. Without momentum both are g. */
  readonly nesterov?: boolean;
  /** λ adds λ·p to the gradient, as the penalty ½λ‖p‖² would. */
  readonly weightDecay?: WeightDecay;
}

/**
 * Stochastic gradient descent: v ← μ·v + g, p ← p − η·v; with `nesterov`: p ← p − η·(g + μ·v).
 *
 * Source: Sutskever et al., "On the importance of initialization and momentum in deep learning" (ICML 2013), in the
 * form that TensorFlow and PyTorch share: the learning rate multiplies the whole velocity, old gradients included.
 *
 * @example await sgd(parameters(model), { learningRate: 0.1, momentum: 0.9 }).step(loss);
 */
export function sgd(
  parameters: readonly Variable[],
  { momentum = 0, nesterov = false, ...options }: SgdOptions,
): Optimiser {
  return optimiserOf(momentum === 0 ? plain : withMomentum(momentum, nesterov), parameters, options);
}

const plain: Rule = {
  name: "sgd",
  slots: {},
  at:
    ({ learningRate }) =>
    ({ parameter, gradient, weightDecay }) => {
      const g = withL2(gradient, parameter, weightDecay);
      return { parameter: parameter.sub(g.mul(learningRate)), slots: {} };
    },
};

function withMomentum(momentum: number, nesterov: boolean): Rule {
  return {
    name: "sgd",
    slots: { momentum: 0 },
    at:
      ({ learningRate }) =>
      ({ parameter, gradient, slots, weightDecay }) => {
        const g = withL2(gradient, parameter, weightDecay);
        const velocity = slots["momentum"]!.mul(momentum).add(g);
        const direction = nesterov ? g.add(velocity.mul(momentum)) : velocity;
        return { parameter: parameter.sub(direction.mul(learningRate)), slots: { momentum: velocity } };
      },
  };
}
