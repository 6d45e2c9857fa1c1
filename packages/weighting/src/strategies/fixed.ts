import { readOptions, usageError, type OptionRule } from "../options.ts";
import type { Law, Strategy } from "../strategy.ts";

/** `fixed` has one option, without a default. */
export interface FixedOptions {
  /** One for each task, in the order of the tasks. */
  readonly weights: readonly number[];
}

const weightsRule: OptionRule<readonly number[]> = {
  fallback: [],
  needs: "finite numbers, one for each task",
  allows: (value) => Array.isArray(value) && value.every((each) => Number.isFinite(each)),
};

/**
 * The weights given: w_i = weights[i]. What a grid search tunes; `fixed({ weights: [1, 1] })` is the plain sum.
 *
 * @throws UsageError when a weight is not finite, or when there is not one for each task
 * @example const balance = weighter(fixed({ weights: [1, 0.1] }), { tasks: ["identity", "expression"] });
 */
export function fixed(options: FixedOptions): Strategy<null> {
  const { weights } = readOptions<FixedOptions>("fixed", options, { weights: weightsRule });
  const laws: Law[] = ["common-scale-invariant"];
  if (weights.every((weight) => weight >= 0)) laws.push("nonnegative");
  return {
    name: "fixed",
    laws,
    options: { weights },
    init({ taskCount }) {
      if (weights.length === taskCount) return null;
      throw usageError("fixed", `a weight for each of ${taskCount} tasks`, String(weights.length));
    },
    weigh: () => ({ weights }),
  };
}
