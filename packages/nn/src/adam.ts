import { cast, type Variable } from "@steelyard/core";
import { optimiserOf, type Optimiser, type Rule, type WeightDecay } from "./optimiser.ts";
import { shortfall } from "./shortfall.ts";

/** With the Greek letters of the formula below. */
export interface AdamOptions {
  readonly learningRate: number;
  /** β₁; 0.9 when left out. */
  readonly beta1?: number;
  /** β₂; 0.999 when left out. */
  readonly beta2?: number;
  /** ε, added to the root; 1e-8 when left out. */
  readonly epsilon?: number;
  /** λ shrinks the parameter by η·λ·p, apart from the gradient: AdamW. */
  readonly weightDecay?: WeightDecay;
}

/**
 * Adam: m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², p ← p − η·m̂/(√v̂ + ε) with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).
 * With weight decay it is AdamW: p also loses η·λ·p, which is not scaled by the gradient's history.
 *
 * Sources: Kingma & Ba, arXiv 1412.6980, algorithm 1 (ε outside the bias correction, as there; TensorFlow's "ε̂" form
 * differs while t is small). Loshchilov & Hutter, arXiv 1711.05101, algorithm 2.
 *
 * @example adam(parameters(model), { learningRate: 1e-3 })
 */
export function adam(
  parameters: readonly Variable[],
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, ...options }: AdamOptions,
): Optimiser {
  const rule: Rule = {
    name: "adam",
    slots: { mean: 0, meanSquare: 0 },
    counts: true,
    at({ learningRate, time }) {
      const [shortfall1, shortfall2] = [shortfall(beta1, time), shortfall(beta2, time)];
      return ({ parameter, gradient, slots, weightDecay }) => {
        const mean = slots["mean"]!.mul(beta1).add(gradient.mul(1 - beta1));
        const meanSquare = slots["meanSquare"]!.mul(beta2).add(gradient.square().mul(1 - beta2));
        const root = meanSquare.div(cast(shortfall2, gradient.dtype)).sqrt();
        const direction = mean.div(cast(shortfall1, gradient.dtype)).div(root.add(epsilon));
        const moved = parameter.sub(direction.mul(learningRate));
        // Both factors are host numbers, so their product is one runtime slot.
        const shrunk = weightDecay === 0 ? moved : moved.sub(parameter.mul(learningRate * weightDecay));
        return { parameter: shrunk, slots: { mean, meanSquare } };
      };
    },
  };
  return optimiserOf(rule, parameters, options);
}

/** `adam` under the name that decoupled weight decay goes by, with λ = 0.01 when left out. */
export function adamW(parameters: readonly Variable[], options: AdamOptions): Optimiser {
  return adam(parameters, { weightDecay: 0.01, ...options });
}
