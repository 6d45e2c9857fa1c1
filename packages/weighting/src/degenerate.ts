import { SteelyardError } from "@steelyard/core";
import type { StepNumbers } from "./gate.ts";
import type { DegenerateEvent } from "./record.ts";
import type { Task } from "./strategy.ts";

/**
 * What to do with weights or losses that cannot be used. `throw`, the default: an error, and no Variable has changed.
 * `previous` and `equal` put the last committed weights or 1/T each in the place of unusable weights, and leave the
 * strategy's own Variables as they were; a loss that is not finite is beyond help by weights, so its step is skipped.
 * Either way the record carries an event.
 */
export type OnDegenerate = "throw" | "previous" | "equal";

/** One thing about a step that cannot be used, before it is known what is done about it. */
export interface Problem extends Omit<DegenerateEvent, "answer"> {
  /** The strategy's own error, where it threw one. */
  readonly cause?: unknown;
}

/** What the engine found out about a step when its numbers came by. */
export interface Verdict {
  readonly numbers: StepNumbers;
  readonly events: readonly DegenerateEvent[];
  /** Nothing is committed, and the run goes on. */
  readonly skipped: boolean;
  /** Nothing is committed, and the run ends with this. */
  readonly error: SteelyardError | null;
}

/** Judges the numbers of a step, together with what went wrong while its graph was built. */
export function judge(
  numbers: StepNumbers,
  early: readonly Problem[],
  { strategy, tasks, policy }: { strategy: string; tasks: readonly Task[]; policy: OnDegenerate },
): Verdict {
  const problems = [...problemsOf(numbers, tasks), ...early];
  const [worst] = problems;
  if (worst === undefined) return { numbers, events: [], skipped: false, error: null };
  if (policy === "throw") return { numbers, events: [], skipped: false, error: degenerateError(strategy, worst) };
  const skipped = problems.some(isBeyondHelp);
  const events = problems.map(({ reason, task, message }): DegenerateEvent => {
    // A policy replaces weights. An objective has none to replace: the strategy's own Variables stay.
    const answer = skipped ? "skipped" : reason === "objective" ? "kept" : policy;
    return { reason, message, ...(task === undefined ? {} : { task }), answer };
  });
  return { numbers, events, skipped, error: null };
}

/** Everything that is wrong with the numbers, the gravest first, and nothing twice. */
function problemsOf({ losses, proposed, applied, total, own }: StepNumbers, tasks: readonly Task[]): Problem[] {
  const inTasks = (values: readonly number[], reason: "loss" | "weights", noun: string): Problem[] =>
    values.flatMap((value, i) => {
      const task = tasks[i]!.name;
      return Number.isFinite(value) ? [] : [{ reason, task, message: `a ${noun} of ${value} for task ${task}` }];
    });
  const badLosses = inTasks(losses, "loss", "loss");
  if (badLosses.length > 0) return badLosses;
  // Finite losses and weights may still add up to an overflow.
  const overflow = applied.every(Number.isFinite) && !Number.isFinite(total);
  if (overflow) return [{ reason: "total", message: `a total loss of ${total}` }];
  const badWeights = inTasks(proposed, "weights", "weight");
  if (badWeights.length > 0 || own === null) return badWeights;
  if (!Number.isFinite(own.objective)) return [{ reason: "objective", message: `an objective of ${own.objective}` }];
  if (!Number.isFinite(own.pull))
    return [{ reason: "objective", message: "an objective whose gradient is not finite" }];
  return [];
}

/** No weights can mend these: there is nothing to minimise. */
function isBeyondHelp({ reason }: Problem): boolean {
  return reason === "loss" || reason === "total";
}

const needs: Record<Problem["reason"], string> = {
  loss: "finite task losses",
  total: "a finite total loss",
  weights: "finite weights",
  count: "one weight for each task",
  objective: "a finite objective with a finite gradient",
  strategy: "weights",
};

const hints: Partial<Record<Problem["reason"], string>> = {
  loss: "look at the task's data and learning rate; `detectAnomaly` finds the first operation that is not finite",
  total: "scale the losses or the weights down",
};

/** The error of a degenerate step, naming the strategy and, through the message, the task. */
function degenerateError(strategy: string, { reason, message, cause }: Problem): SteelyardError {
  const error = new SteelyardError({
    code: reason === "count" || reason === "strategy" ? "UsageError" : "NonFinite",
    who: strategy,
    needs: needs[reason],
    got: message,
    hint: hints[reason] ?? 'mend the strategy, or give the weighter onDegenerate: "previous" or "equal"',
  });
  if (cause !== undefined) error.cause = cause;
  return error;
}
