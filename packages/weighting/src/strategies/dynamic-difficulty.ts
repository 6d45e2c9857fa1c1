import { add, div, sum } from "@steelyard/core";
import { positive, readOptions } from "../options.ts";
import type { Strategy } from "../strategy.ts";
import {
  comparedLosses,
  difficultySource,
  weightUnit,
  weightUnitRules,
  type WeightUnit,
  type WeightUnitOptions,
} from "./weight-unit.ts";

/** The options of the weight unit, and one of the objective. */
export interface DynamicDifficultyOptions extends WeightUnitOptions {
  /** ε in the objective: the smallest loss that still counts, and 1/ε the largest pull. */
  readonly epsilon: number;
}

/**
 * Dynamic difficulty-based weighting: hard tasks lead. A linear unit on the shared features Z gives the weights,
 *
 *   a = norm(Z)·W + b,   w = mean over the batch of softmax(s·n(a)),
 *
 * the network minimises Σ w_i·L_i with w constant, and the unit minimises Σ w_i/(L_i + ε) over W and b alone, with L
 * and Z constant. For raw logits ∂/∂a_k = w_k·(1/(L_k+ε) − Σ_j w_j/(L_j+ε)) for each sample: where a task's loss is
 * larger than the others', its weight grows.
 *
 * The objective is linear in w, so raw logits run to winner-takes-all and normalised ones to the clamp; see
 * `weightsFromLogits`. Equal losses have zero gradient. Losses must not be negative. Raw magnitudes are compared: a
 * cross entropy over 10,000 classes outweighs one over 7 unless `normalise` says otherwise. A task without a labelled
 * sample in the batch has loss 0 and counts as easy.
 *
 * Source: arXiv 1911.03281 and its released code, whose curves saturate at 0.8041/0.1959 and so came from normalised
 * logits. The released code lets the trunk receive Σ L_i ∂w_i/∂Z: `detachWeights: false`.
 *
 * @throws UsageError for unknown options, and without a `featureShape`
 * @example const balance = weighter(dynamicDifficulty(), { tasks: ["identity", "expression"], featureShape: [16128] });
 */
export function dynamicDifficulty(options: Partial<DynamicDifficultyOptions> = {}): Strategy<WeightUnit> {
  const rules = { ...weightUnitRules, epsilon: positive(0.01) };
  const { epsilon, ...unit } = readOptions<DynamicDifficultyOptions>("dynamicDifficulty", options, rules);
  const shared = weightUnit(unit);
  return {
    ...shared,
    name: "dynamicDifficulty",
    source: { ...difficultySource, where: "the dynamic weights; sizes and constants from the released code" },
    options: { ...shared.options, epsilon },
    objective: (step, state) => sum(div(step.weights, add(comparedLosses(step, state, unit), epsilon))),
  };
}
