/**
 * What was done about weights or losses that cannot be used: `previous` applied the last committed weights, `equal`
 * applied 1/T each, `kept` left the strategy's own Variables as they were, `skipped` committed nothing.
 */
export type Answer = "previous" | "equal" | "kept" | "skipped";

/** Something went wrong in a step and the declared policy answered it. */
export interface DegenerateEvent {
  /**
   * What could not be used: a task's loss, the weights, their number, the strategy's objective or the strategy itself,
   * or the total.
   */
  readonly reason: "loss" | "weights" | "count" | "objective" | "strategy" | "total";
  /** The task at fault, where it is one task. */
  readonly task?: string;
  readonly message: string;
  readonly answer: Answer;
}

/** The numbers of one step, as the engine applied them. No strategy writes here. */
export interface StepRecord {
  readonly iteration: number;
  readonly epoch: number;
  /** What multiplied each task loss, read from the very tensor that did. */
  readonly weights: readonly number[];
  readonly losses: readonly number[];
  /** Σ w_i·L_i as the network minimised it. */
  readonly total: number;
  /** The strategy's own objective, where it has one. */
  readonly objective?: number;
  readonly events: readonly DegenerateEvent[];
  /** False when the step was skipped: no Variable has changed. */
  readonly committed: boolean;
}
