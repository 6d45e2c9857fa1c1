/** What a report is made of. Plain data: whoever trained the runs fills it in, `reportHtml` draws it. */

export interface Report {
  readonly title: string;
  /** One or two sentences under the title. */
  readonly lead: string;
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** One per strategy; where one split cannot score everything, one per strategy and protocol. */
  readonly runs: readonly RunReport[];
  /** Scores of several runs pooled, a group for each protocol: tables of their own, above those of the runs. */
  readonly pooled?: readonly RunGroup[];
  readonly samples: readonly SampleFace[];
}

export interface RunReport {
  readonly strategy: string;
  /** Names the protocol. Runs of one group share a table and their axes. */
  readonly group?: string;
  readonly seconds: number;
  readonly tasks: readonly string[];
  /** `losses[i]` and `weights[i]` belong to `tasks[i]`. */
  readonly steps: readonly RecordedStep[];
  readonly scores: readonly Score[];
}

interface RecordedStep {
  readonly step: number;
  readonly losses: readonly number[];
  readonly weights: readonly number[];
}

/** `accuracy` and `chance` are fractions, 0 to 1. */
export interface Score {
  readonly task: string;
  readonly accuracy: number;
  readonly chance: number;
  readonly samples: number;
}

/** `pixels: [size, size, channels]`, 0 to 1. */
export interface SampleFace {
  readonly pixels: Float32Array;
  readonly size: number;
  readonly channels: 1 | 3;
  readonly label: string;
}

/** Runs that are compared with each other, in order of appearance. */
export interface RunGroup {
  readonly name: string | undefined;
  readonly runs: readonly RunReport[];
}

export function groupRuns(runs: readonly RunReport[]): readonly RunGroup[] {
  return [...Map.groupBy(runs, (run) => run.group)].map(([name, members]) => ({ name, runs: members }));
}

/** Every task once, in order of appearance, trained or scored: its index is its colour. */
export function tasksOf(runs: readonly RunReport[]): readonly string[] {
  return [...new Set(runs.flatMap((run) => [...run.tasks, ...run.scores.map((score) => score.task)]))];
}
