import type { ContractionSchedule } from "../wgsl/contraction-schedule.ts";
import type { Finish } from "./race.ts";
import type { TuningStore } from "./store.ts";

/** How the quickest schedules are found. */
export interface TuningOptions {
  /** Where they are remembered; left out, files in Node and IndexedDB in browsers; null: nowhere. */
  readonly store?: TuningStore | null;
  /** Contractions that add so many products are worth it; left out, 2²⁴. */
  readonly least?: number;
  /** Told of every kind of contraction that was tuned. */
  readonly progress?: (progress: TuningProgress) => void;
}

/** A kind of contraction that was tuned. */
export interface TuningProgress {
  /** The operations in a kernel of this kind. */
  readonly kernel: string;
  readonly bucket: string;
  /** How many of the plan's unknown ones are done, this one included, and how many there are. */
  readonly done: number;
  readonly of: number;
  /** What was tried, the default first, and what became of it; empty where nothing could be tried, as `failure` says. */
  readonly tried: readonly { readonly schedule: ContractionSchedule; readonly finish: Finish }[];
  readonly failure: string | null;
}

/** How contractions of one kind are computed. */
export interface ChosenSchedule {
  /** The operations in a kernel of this kind. */
  readonly kernel: string;
  readonly bucket: string;
  readonly schedule: ContractionSchedule;
  /** By the caller, by what usually suits the adapter, or by measuring, in this process or an earlier one. */
  readonly chosen: "given" | "default" | "tuned" | "remembered";
  /** How many times as quick as the default it is; null where nobody has measured. */
  readonly gain: number | null;
}
