import { faceTraining, type FaceNet, type FaceProblem } from "../src/index.ts";
import type { StepRecord } from "../src/index.ts";
import { strategyNamed } from "../src/cli/strategies.ts";
import type { Settings } from "./settings.ts";

/** One strategy on its way. It computes only while `advance` is waited for. */
export interface Run {
  readonly strategy: string;
  readonly network: FaceNet;
  readonly records: readonly StepRecord[];
  /** How long each step took. */
  readonly milliseconds: readonly number[];
  /** Whether there is no step left: all are made, or one has failed. */
  isDone(): boolean;
  /** Makes one step, if there is one left. */
  advance(): Promise<void>;
}

export function startRun(problem: FaceProblem, strategy: string, settings: Settings): Run {
  const { steps, batch, learningRate, seed } = settings;
  const training = { problem, strategy: strategyNamed(strategy), steps, batchSize: batch, learningRate, seed };
  const { network, steps: ahead } = faceTraining(training);
  const records: StepRecord[] = [];
  const milliseconds: number[] = [];
  let hasFailed = false;
  return {
    strategy,
    network,
    records,
    milliseconds,
    isDone: () => hasFailed || records.length === steps,
    async advance() {
      const start = performance.now();
      hasFailed = true;
      const { value } = await ahead.next();
      hasFailed = false;
      if (value === undefined) return;
      milliseconds.push(performance.now() - start);
      records.push(value);
    },
  };
}

/** The middle one of the last steps: the first of a run prepares kernels, and others may share the machine. */
export function stepTime({ milliseconds }: Run): number {
  const last = milliseconds.slice(-21).toSorted((a, b) => a - b);
  return last[last.length >> 1] ?? Number.NaN;
}
