import type { Work } from "../works/work.ts";

/** Someone who can do the work: a library on one of its devices. */
export interface Implementation {
  /** The library; ours is "steelyard". */
  readonly impl: string;
  readonly device: string;
  readonly threads: number;
  /** Why it cannot be measured here; null when it can. */
  available(): Promise<string | null>;
  /** What computes by WebGPU, for people; left out where nothing does. */
  adapter?(): Promise<string | null>;
  /** Brings the operands to where they are used and makes ready what is made once. Throws when it cannot do the work. */
  prepare(work: Work): Promise<Prepared>;
}

/** A piece of work ready to be done over and over. */
export interface Prepared {
  /** Does it once, to the end. May return how many milliseconds it took, when it knows better than the caller's clock. */
  run(): Promise<number | void>;
  /**
   * Its results, one after another, row-major and channels last: y, dx, dw (whichever the pass has). Of a training step:
   * the losses of the first two steps, then the gradient in the first filters. Called once, before any run.
   */
  result(): Promise<Float32Array>;
  /** The most memory held so far, in MiB, when it is not this process that does the work. */
  memory?(): Promise<number>;
  /** Gives back what it holds. */
  close(): void | Promise<void>;
}

/** One array of several. */
export function joined(parts: readonly ArrayLike<number>[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** For work that an implementation has no way to do. */
export function unable(what: string): Error {
  return new Error(`has no ${what}`);
}

/** The message of whatever was thrown, as one line. */
export function reasonOf(error: unknown): string {
  const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  return line;
}
