import type { Machine } from "../machine.ts";
import type { Pass } from "../works/work.ts";

/** One implementation at one piece of work. Where there is an error there are no figures. */
export interface Row {
  readonly work: string;
  readonly pass: Pass;
  readonly impl: string;
  readonly device: string;
  readonly threads: number;
  /** Of the median run. */
  readonly ms: number | null;
  /** Null where operations are not what the work is about. */
  readonly gflops: number | null;
  /** GFLOP/s as a share of what a loop of nothing but FMAs reaches in the same process, on as many threads. */
  readonly peakShare: number | null;
  /** The most memory the process has held, where that was measured. */
  readonly peakMiB?: number;
  /** Why it could not do the work, or was not asked to. */
  readonly error: string | null;
}

/** What a results file holds. */
export interface Results {
  readonly machine: Machine;
  /** What computes by WebGPU; null (or left out, in older files) where nothing does. */
  readonly adapter?: string | null;
  readonly commit: string;
  readonly rows: readonly Row[];
}
