import { full, gradients, invariant, random, step, Variable } from "@steelyard/core";
import type { RandomKey, Shape, SteelyardError, Tensor, TensorLike } from "@steelyard/core";
import { nameVariables, parameters, variables, type Optimiser } from "@steelyard/nn";
import { judge, type OnDegenerate, type Verdict } from "./degenerate.ts";
import { gate } from "./gate.ts";
import { checkedFeatures, stackLosses, type StepInputs } from "./inputs.ts";
import { contextOf, ownOptimiser, requireStrategy, requireTasks } from "./start.ts";
import { oneOf, readOptions, usageError } from "./options.ts";
import type { StepRecord } from "./record.ts";
import { loadTree, saveTree, type SavedTree } from "./saved-state.ts";
import type { EpochSummary, Strategy, Task } from "./strategy.ts";
import { weighLosses, type WeighedGraph } from "./weighing.ts";

/** What a strategy is put to work on. */
export interface WeighterOptions {
  /** Names of the tasks, or names with class counts, in the order of the losses. */
  readonly tasks: readonly (string | Task)[];
  /** The shape of one sample's shared features; needed by strategies that look at them. */
  readonly featureShape?: Shape;
  /** For whatever the strategy draws; `key(0)` when left out. */
  readonly key?: RandomKey;
  /** Of the losses and features; f32 when left out. */
  readonly dtype?: "f32" | "f64";
  /** What to do with weights or losses that cannot be used; `"throw"` when left out. */
  readonly onDegenerate?: OnDegenerate;
}

/** Weighed losses, on their way to the optimiser and the commit. */
export interface Weighed {
  /** What multiplies the losses, [T]. */
  readonly weights: Tensor;
  /** Σ w_i·L_i */
  readonly total: Tensor;
  /** The gradients that the network's optimiser should follow. */
  gradients(trained: readonly Variable[]): Tensor[];
  /**
   * Commits the step — network, strategy and all other pending assignments — in one plan, and returns its numbers.
   *
   * @param reads tensors to compute in the same plan, as for `step` of core; not computed when the step is skipped
   * @throws NonFinite or UsageError on a degenerate step under `onDegenerate: "throw"`; no Variable has changed then
   * @throws UsageError when the weighing was committed, discarded or replaced by another before, or a `step` of core
   *   that took it along has failed
   */
  commit(...reads: TensorLike[]): Promise<StepRecord>;
  /** Takes back what `weigh` has recorded: for a look at the weights without a step. */
  discard(): void;
}

/** All that a run needs to go on where it stood, as plain data and arrays of numbers. */
export interface WeighterState {
  readonly strategy: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly tasks: readonly string[];
  readonly iteration: number;
  readonly epoch: number;
  /** Sums of the losses since the epoch began, and how many steps are in them. */
  readonly lossSums: readonly number[];
  readonly lossCount: number;
  /** Of the strategy's own optimiser. */
  readonly learningRate: number | null;
  readonly saved: SavedTree;
}

/** A strategy at work: holds its state, asks it for weights, applies them, and records what was applied. */
export class Weighter<State = unknown> {
  readonly strategy: Strategy<State>;
  readonly tasks: readonly Task[];
  readonly onDegenerate: OnDegenerate;
  /** Of the strategy's own parameters, where it has an objective. */
  readonly optimiser: Optimiser | null;
  readonly #featureShape: Shape | null;
  readonly #previous: Variable;
  #key: RandomKey;
  #state: State;
  #iteration = 0;
  #epoch = 0;
  #lossSums: readonly number[];
  #lossCount = 0;

  constructor(strategy: Strategy<State>, options: WeighterOptions) {
    const { tasks, featureShape = null, key = random.key(0), dtype = "f32", onDegenerate = "throw" } = options;
    requireStrategy(strategy);
    readOptions(strategy.name, { onDegenerate }, { onDegenerate: oneOf("throw", "previous", "equal") });
    this.strategy = strategy;
    this.tasks = tasks.map((task) => (typeof task === "string" ? { name: task } : task));
    this.onDegenerate = onDegenerate;
    this.#featureShape = featureShape;
    this.#key = key;
    requireTasks(strategy.name, this.tasks);
    const count = tasks.length;
    this.#lossSums = this.tasks.map(() => 0);
    this.#previous = new Variable(full([count], 1 / count, dtype), { name: "previous weights", trainable: false });
    this.#state = strategy.init(contextOf(strategy.name, this.tasks, { key, dtype, featureShape }));
    const tree = { [strategy.name]: this.#state };
    nameVariables(tree);
    this.optimiser = ownOptimiser(strategy, parameters(tree));
  }

  /** The strategy's state. To look at; only hooks change it. */
  get strategyState(): State {
    return this.#state;
  }

  /**
   * Asks the strategy for weights, and records the next values of its own parameters: the next commit takes them along,
   * unless they are discarded. Builds a graph and computes nothing: `commit` does.
   *
   * @throws UsageError when the losses or features are not what the weighter was made for
   * @throws ShapeError when a loss is no scalar
   */
  weigh({ losses, features }: StepInputs): Weighed {
    const run = {
      strategy: this.strategy,
      state: this.#state,
      optimiser: this.optimiser,
      policy: this.onDegenerate,
      previous: this.#previous,
    };
    const who = this.strategy.name;
    const stacked = stackLosses(who, losses, this.tasks, this.#previous.dtype);
    const weighing = weighLosses(run, stacked, checkedFeatures(who, features, this.#featureShape), {
      taskCount: this.tasks.length,
      tasks: this.tasks,
      iteration: this.#iteration,
      epoch: this.#epoch,
      key: random.foldIn(this.#key, this.#iteration),
    });
    const outcome: { verdict: Verdict | null; used: boolean } = { verdict: null, used: false };
    const passed = gate(weighing, (numbers) => {
      const about = { strategy: who, tasks: this.tasks, policy: this.onDegenerate };
      outcome.verdict = judge(numbers, weighing.early, about);
      if (outcome.verdict.error !== null) throw outcome.verdict.error;
      if (outcome.verdict.skipped) throw new Error("the step is skipped");
    });
    // Assigned before the network's optimiser assigns anything: in the plan the gate stands before its updates.
    this.#previous.assign(passed);
    return {
      weights: weighing.applied,
      total: weighing.total,
      gradients: (trained) => this.#gradients(weighing, trained),
      commit: async (...reads) => {
        const { verdict: early } = outcome;
        if (outcome.used || (early === null && this.#previous.next !== passed)) throw usedUp(who);
        outcome.used = true;
        // The caller may have called `step` of core before: what that step refused is gone, and no other commits it.
        if (early === null || admits(early)) {
          await step(...reads).catch((reason: unknown) => {
            if (outcome.verdict === null || admits(outcome.verdict)) throw reason;
          });
        }
        const { verdict } = outcome;
        invariant(verdict !== null, "a step was committed without passing the gate");
        if (verdict.error !== null) throw verdict.error;
        // Only a commit releases the graph of what it stores: without it, that other step failed behind the gate.
        if (!verdict.skipped && !passed.node.released) throw usedUp(who);
        return this.#finish(verdict);
      },
      discard: () => {
        for (const variable of variables(this.#holder()).values()) variable.forget();
      },
    };
  }

  /** Tells the strategy that an epoch has ended, and returns what it was told. */
  async endEpoch(): Promise<EpochSummary> {
    const count = Math.max(this.#lossCount, 1);
    const summary = { meanLosses: this.#lossSums.map((sum) => sum / count), epoch: this.#epoch };
    if (this.strategy.endEpoch !== undefined) {
      await this.#advance("endEpoch", this.strategy.endEpoch(summary, this.#state));
    }
    this.#epoch++;
    this.#lossSums = this.tasks.map(() => 0);
    this.#lossCount = 0;
    return summary;
  }

  /**
   * A copy of all state between two steps. `load` puts it into a weighter made in the same way, which then goes on bit
   * for bit.
   */
  async state(): Promise<WeighterState> {
    const { name, options = {} } = this.strategy;
    return {
      strategy: name,
      options,
      tasks: this.tasks.map((task) => task.name),
      iteration: this.#iteration,
      epoch: this.#epoch,
      lossSums: [...this.#lossSums],
      lossCount: this.#lossCount,
      learningRate: this.optimiser?.learningRate ?? null,
      saved: await saveTree({ state: this.#state, key: this.#key }, this.#holder()),
    };
  }

  /** @throws UsageError when the state is that of another strategy or other tasks */
  async load(from: WeighterState): Promise<void> {
    const mine = `${this.strategy.name} over ${this.tasks.map(({ name }) => name).join(", ")}`;
    const theirs = `${from.strategy} over ${from.tasks.join(", ")}`;
    if (mine !== theirs) throw usageError("load", `the state of ${mine}`, `that of ${theirs}`);
    const { state, key } = await loadTree<{ state: State; key: RandomKey }>(this.#holder(), from.saved);
    this.#state = state;
    this.#key = key;
    this.#iteration = from.iteration;
    this.#epoch = from.epoch;
    this.#lossSums = [...from.lossSums];
    this.#lossCount = from.lossCount;
    if (this.optimiser !== null && from.learningRate !== null) this.optimiser.learningRate = from.learningRate;
  }

  // The tree with all Variables that the weighter keeps.
  #holder(): object {
    return { state: this.#state, optimiser: this.optimiser, previous: this.#previous };
  }

  #gradients({ total }: WeighedGraph, trained: readonly Variable[]): Tensor[] {
    const own = trained.find((variable) => this.optimiser?.parameters.includes(variable));
    if (own === undefined) return gradients(total, trained);
    const hint = "the strategy's own optimiser trains its parameters; leave them out of the network's";
    throw usageError(this.strategy.name, "parameters of the network", own.name, hint);
  }

  async #finish({ numbers, events, skipped }: Verdict): Promise<StepRecord> {
    const { losses, applied, total, own } = numbers;
    const record: StepRecord = {
      iteration: this.#iteration++,
      epoch: this.#epoch,
      weights: applied,
      losses,
      total,
      ...(own === null ? {} : { objective: own.objective }),
      events,
      committed: !skipped,
    };
    if (skipped) return record;
    this.#lossSums = this.#lossSums.map((sum, i) => sum + losses[i]!);
    this.#lossCount++;
    if (this.strategy.afterStep !== undefined) {
      await this.#advance("afterStep", this.strategy.afterStep(record, this.#state));
    }
    return record;
  }

  /** The next state is what the hook returns; whatever it assigned to Variables is committed. */
  async #advance(hook: string, next: State | Promise<State> | undefined): Promise<void> {
    const state = await next;
    if (state === undefined) {
      throw usageError(`${this.strategy.name}.${hook}`, "to return the next state", "nothing", "return the old one");
    }
    this.#state = state;
    await step();
  }
}

/** Whether the step is committed. */
function admits({ error, skipped }: Verdict): boolean {
  return error === null && !skipped;
}

function usedUp(who: string): SteelyardError {
  const got = "one that was committed, discarded, replaced by another or dropped by a step that failed";
  return usageError(who, "a weighing that waits for its commit", got, "weigh anew for each step");
}

/**
 * Puts a strategy to work on tasks.
 *
 * @throws UsageError when the strategy is not one, or cannot work with these tasks
 * @example const balance = weighter(dynamicDifficulty(), { tasks: ["identity", "expression"], featureShape: [64] });
 */
export function weighter<State>(strategy: Strategy<State>, options: WeighterOptions): Weighter<State> {
  return new Weighter(strategy, options);
}
