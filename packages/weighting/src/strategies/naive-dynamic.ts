import { mul, sum } from "@steelyard/core";
import { readOptions } from "../options.ts";
import type { Strategy } from "../strategy.ts";
import {
  comparedLosses,
  difficultySource,
  weightUnit,
  weightUnitRules,
  type WeightUnit,
  type WeightUnitOptions,
} from "./weight-unit.ts";

/**
 * The baseline of the dynamic difficulty-based method: the same weight unit minimises the total Σ w_i·L_i itself. For
 * raw logits ∂/∂a_k = w_k·(L_k − Σ_j w_j·L_j) for each sample: it favours the easy task, whose weight it drives to its
 * upper bound.
 *
 * Source: arXiv 1911.03281, "naive dynamic".
 *
 * @throws UsageError for unknown options, and without a `featureShape`
 * @example const balance = weighter(naiveDynamic(), { tasks: ["identity", "expression"], featureShape: [16128] });
 */
export function naiveDynamic(options: Partial<WeightUnitOptions> = {}): Strategy<WeightUnit> {
  const unit = readOptions<WeightUnitOptions>("naiveDynamic", options, weightUnitRules);
  return {
    ...weightUnit(unit),
    name: "naiveDynamic",
    source: { ...difficultySource, where: "the naive baseline" },
    objective: (step, state) => sum(mul(step.weights, comparedLosses(step, state, unit))),
  };
}
