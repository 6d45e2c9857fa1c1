import type { PeakFamily } from "../peak/peak.ts";
import type { Work } from "../works/work.ts";

/** Which implementation of a host is meant: its place in the host's list. */
export interface Contender {
  readonly impl: string;
  readonly device: string;
  readonly threads: number;
  /** Why it cannot be measured here; null when it can. */
  readonly missing: string | null;
  /** What computes by WebGPU, for people; null where nothing does. */
  readonly adapter: string | null;
}

/** What a host is told: what is prepared has an id from then on, until it is released. */
export type Request =
  | { readonly kind: "contenders" }
  | { readonly kind: "prepare"; readonly at: number; readonly work: Work }
  | { readonly kind: "round"; readonly id: number; readonly runs: number; readonly time: number }
  | { readonly kind: "peak" }
  | { readonly kind: "memory"; readonly id: number }
  | { readonly kind: "release"; readonly id: number };

/** What it answers to each. */
export interface Answers {
  readonly contenders: readonly Contender[];
  /** The results, and how long the first run took. */
  readonly prepare: { readonly id: number; readonly result: Float32Array; readonly ms: number };
  /** Milliseconds of each run, and the peak of one thread just before, in GFLOP/s. */
  readonly round: { readonly samples: readonly number[]; readonly peak: number };
  readonly peak: number;
  /** The most that the process has held so far, in MiB. */
  readonly memory: number;
  readonly release: null;
}

export type AnswerTo<R extends Request> = Answers[R["kind"]];

/**
 * Where implementations live that may share a process. V8's revectorizer is on or off for a whole process, and a peer
 * that hangs is ended with its process, so that most have one of their own. They are idle but for the one that is asked.
 */
export interface Host {
  readonly name: string;
  /** Whose peak its implementations are measured by. */
  readonly family: PeakFamily;
  /** Has been asked something, and not closed since. */
  isOpen(): boolean;
  /** Rejects when the host fails, and when it has not answered in time; then it starts afresh with the next request. */
  ask<R extends Request>(request: R, limitMs: number): Promise<AnswerTo<R>>;
  close(): void;
}
