import type { Work } from "./works/work.ts";

/** How thoroughly everything is measured. */
export interface Effort {
  /** Everybody takes a turn in each: what disturbs the machine for a while disturbs all alike. */
  readonly rounds: number;
  /** In each round at least so many runs, and for so many milliseconds. */
  readonly runs: number;
  readonly time: number;
  /** What takes longer than this for one run is measured by its first run alone. */
  readonly patience: number;
  /** A first run that takes longer is ended, and its row says so; training steps get five times as long. */
  readonly limit: number;
}

export const quick: Effort = { rounds: 3, runs: 2, time: 60, patience: 1500, limit: 20_000 };
export const thorough: Effort = { rounds: 7, runs: 3, time: 250, patience: 5000, limit: 60_000 };

/** The same for WebGPU, where drivers compile in the first run: those of the processor as a GPU for seconds each kernel. */
export function compiling(effort: Effort): Effort {
  return { ...effort, limit: 3 * effort.limit };
}

/** In milliseconds, of the first run. */
export function limitOf({ kind }: Work, { limit }: Effort): number {
  return kind === "net" ? 5 * limit : limit;
}
