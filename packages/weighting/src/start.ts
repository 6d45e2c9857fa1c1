import type { RandomKey, Shape, Variable } from "@steelyard/core";
import type { Optimiser } from "@steelyard/nn";
import { usageError } from "./options.ts";
import type { InitContext, Strategy, Task } from "./strategy.ts";

// What happens once, when a strategy is put to work.

/** @throws UsageError unless it has what a strategy must have */
export function requireStrategy(strategy: Strategy): void {
  // Plugins come from plain JavaScript too, so the types prove nothing here.
  const name: unknown = strategy.name;
  if (typeof name !== "string" || name === "") throw usageError("weighter", "a strategy with a name", String(name));
  const who = `strategy ${name}`;
  if (typeof strategy.init !== "function") throw usageError(who, "a function init", typeof strategy.init);
  if (typeof strategy.weigh !== "function") throw usageError(who, "a function weigh", typeof strategy.weigh);
  if (strategy.objective === undefined || typeof strategy.optimiser === "function") return;
  const hint = "optimiser: (own) => rmsProp(own, { learningRate: 0.1 })";
  throw usageError(who, "an optimiser for its objective", "none", hint);
}

/** @throws UsageError unless there are tasks, each with its own name: messages, events and saved states go by it */
export function requireTasks(who: string, tasks: readonly Task[]): void {
  if (tasks.length === 0) throw usageError(who, "one task or more", "none");
  const names = tasks.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw usageError(who, "a name of its own for each task", `${twice} twice`);
}

/** What `init` is given; asking it for a feature shape that nobody gave is an error. */
export function contextOf(
  who: string,
  tasks: readonly Task[],
  { key, dtype, featureShape }: { key: RandomKey; dtype: "f32" | "f64"; featureShape: Shape | null },
): InitContext {
  return {
    taskCount: tasks.length,
    tasks,
    dtype,
    key,
    get featureShape(): Shape {
      if (featureShape !== null) return featureShape;
      const hint = "weighter(strategy, { tasks, featureShape: [64] })";
      throw usageError(who, "the shape of the shared features", "none", hint);
    },
  };
}

/** The optimiser of a strategy's own parameters; null without an objective. */
export function ownOptimiser(strategy: Strategy, own: readonly Variable[]): Optimiser | null {
  if (strategy.objective === undefined || strategy.optimiser === undefined) return null;
  if (own.length > 0) return strategy.optimiser(own);
  throw usageError(strategy.name, "trainable Variables in its state for its objective", "none");
}
