export type { OnDegenerate } from "./degenerate.ts";
export type { StepInputs } from "./inputs.ts";
export { multiTaskStep, type MultiTaskStep } from "./multi-task-step.ts";
export { oneOf, optionalFunction, positive, readOptions, type OptionRule } from "./options.ts";
export type { Answer, DegenerateEvent, StepRecord } from "./record.ts";
export type { SavedTree } from "./saved-state.ts";
export { dynamicDifficulty, type DynamicDifficultyOptions } from "./strategies/dynamic-difficulty.ts";
export { equal } from "./strategies/equal.ts";
export { fixed, type FixedOptions } from "./strategies/fixed.ts";
export { naiveDynamic } from "./strategies/naive-dynamic.ts";
export { unitLogits, weightsFromLogits, type WeightUnit, type WeightUnitOptions } from "./strategies/weight-unit.ts";
export type {
  EpochSummary,
  InitContext,
  Law,
  Source,
  Strategy,
  Task,
  WeighedStep,
  Weighing,
  WeighStep,
} from "./strategy.ts";
export { weighter } from "./weighter.ts";
export type { Weighed, Weighter, WeighterOptions, WeighterState } from "./weighter.ts";
