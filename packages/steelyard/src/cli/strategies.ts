import { dynamicDifficulty, equal, naiveDynamic, type Strategy } from "@steelyard/weighting";

/** The strategies the command line knows by name, each with its default options. */
const strategies: Readonly<Record<string, () => Strategy>> = { equal, naiveDynamic, dynamicDifficulty };

export const strategyNames: readonly string[] = Object.keys(strategies);

export function strategyNamed(name: string): Strategy {
  return strategies[name]!();
}
