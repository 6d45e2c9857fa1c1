import type { RandomKey, Shape, Tensor, Variable } from "@steelyard/core";
import type { Optimiser } from "@steelyard/nn";
import type { StepRecord } from "./record.ts";

/**
 * One of the T tasks: its name for messages and records, and how many classes it tells apart, where that is a number.
 */
export interface Task {
  readonly name: string;
  readonly classes?: number;
}

/** What a strategy claims about its weights w. A claim is there to be checked, never to be believed. */
export type Law =
  | "nonnegative" // w_i ≥ 0
  | "sums-to-1"
  | "sums-to-T"
  | "permutation-equivariant" // tasks in another order get the same weights in that order
  | "common-scale-invariant"; // all losses times c > 0: the same weights

/** Where a strategy comes from, for the record, the documentation and whoever doubts it. */
export interface Source {
  readonly title: string;
  readonly url: string;
  readonly where?: string;
}

/** All that a strategy may know when its state is made. */
export interface InitContext {
  readonly taskCount: number;
  readonly tasks: readonly Task[];
  /** The shape of one sample's shared features. @throws UsageError when the weighter was made without one */
  readonly featureShape: Shape;
  /** The dtype of losses and features; Variables of the state should have it too. */
  readonly dtype: "f32" | "f64";
  readonly key: RandomKey;
}

/**
 * What a strategy may look at in a step. Everything is a part of the lazy graph or a host value at hand: what a
 * strategy does not touch is not computed.
 */
export interface WeighStep {
  readonly taskCount: number;
  readonly tasks: readonly Task[];
  /** The number of steps before this one. */
  readonly iteration: number;
  /** The number of epochs ended before this step. */
  readonly epoch: number;
  /** A key of this step's own. */
  readonly key: RandomKey;
  /** The task losses, [T], as constants. */
  readonly losses: Tensor;
  /**
   * The shared features Z, [N, …featureShape], as constants — unless the strategy says `detachWeights: false`.
   * @throws UsageError when the caller gave none
   */
  readonly features: Tensor;
}

/**
 * The step as the objective sees it: with the weights that `weigh` returned, as a function of the state's Variables.
 */
export interface WeighedStep extends WeighStep {
  /** [T] */
  readonly weights: Tensor;
}

/** What `weigh` returns: what each task loss is multiplied by, as a tensor [T] or as numbers. */
export interface Weighing {
  readonly weights: Tensor | readonly number[];
}

/** What an epoch leaves behind: the mean of each task's *unweighted* losses over the steps that were committed. */
export interface EpochSummary {
  readonly meanLosses: readonly number[];
  /** 0 for the first. */
  readonly epoch: number;
}

/**
 * A loss-weighting strategy: a plain object, of which `name`, `init` and `weigh` suffice. All that changes lies in the
 * state: any tree of plain host data (numbers, strings, arrays, objects) and Variables. The engine keeps it, saves it
 * and hands it to each hook; a hook that learns something returns the next state.
 */
// The hooks are declared as methods, so that a Strategy<OwnState> may stand where a Strategy is asked for.
export interface Strategy<State = unknown> {
  readonly name: string;
  readonly source?: Source;
  readonly laws?: readonly Law[];
  /** The hyper-parameters in force, as plain data for the record. `readOptions` checks them. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** `false` lets the network receive the gradient Σ L_i ∂w_i/∂Z through the features. Default true. */
  readonly detachWeights?: boolean;

  init(context: InitContext): State;
  /** The weights of this step. Builds a graph and reads nothing back. */
  weigh(step: WeighStep, state: State): Weighing;
  /** A scalar, minimised over the trainable Variables of the state and nothing else; needs `optimiser`. */
  objective?(step: WeighedStep, state: State): Tensor;
  /** The optimiser of the state's trainable Variables. They never join the model's own. */
  optimiser?(parameters: readonly Variable[]): Optimiser;
  /** Called with the numbers of each committed step. */
  afterStep?(record: StepRecord, state: State): State | Promise<State>;
  /** Called when the training loop says that an epoch has ended. */
  endEpoch?(summary: EpochSummary, state: State): State | Promise<State>;
}
