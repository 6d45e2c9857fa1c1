import { readOptions } from "../options.ts";
import type { Strategy } from "../strategy.ts";

/**
 * The mean of the task losses: w_i = 1/T. The baseline that every other strategy has to beat.
 *
 * @example const balance = weighter(equal(), { tasks: ["identity", "expression"] });
 */
export function equal(options: Record<string, never> = {}): Strategy<null> {
  return {
    name: "equal",
    laws: ["nonnegative", "sums-to-1", "permutation-equivariant", "common-scale-invariant"],
    options: readOptions("equal", options, {}),
    init: () => null,
    weigh: ({ taskCount }) => ({ weights: Array.from({ length: taskCount }, () => 1 / taskCount) }),
  };
}
