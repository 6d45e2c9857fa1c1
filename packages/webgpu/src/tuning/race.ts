import type { HostArray } from "@steelyard/core";

/** One way to compute a kernel, ready to run. */
export interface Trial {
  /** What it leaves; all trials of a race are given the same whole numbers. */
  result(): Promise<HostArray>;
  /** Milliseconds of so many runs one after another, in one submit. */
  time(runs: number): Promise<number>;
}

/** What became of a way to compute a kernel. */
export type Finish =
  /** Milliseconds of one run. */
  | { readonly kind: "timed"; readonly milliseconds: number }
  /** It left something else than the first. */
  | { readonly kind: "wrong" }
  /** It could not be compiled or run. */
  | { readonly kind: "failed"; readonly reason: string };

export interface Outcome {
  /** Position of the quickest; 0, the first, unless another is clearly quicker. */
  readonly winner: number;
  /** How many times as quick as the first it is. */
  readonly gain: number;
  readonly finishes: readonly Finish[];
}

// Clocks of browsers go in steps of 0.1 ms: of a batch of 5 ms that is 2 %. A difference below 10 % may be one of the day.
const batchMilliseconds = 5;
const mostRuns = 1024;
const rounds = 4;
const clearly = 1.1;
/** Whoever is so much slower after one round is not asked again. */
const hopeless = 1.5;

/**
 * Which of several ways to compute a kernel is the quickest. Each must first leave, bit by bit, what the first of them
 * leaves. Then all take turns, so that whatever else happens on the machine happens to all, and the best of several rounds
 * counts.
 *
 * @throws whatever the first throws
 */
export async function race(starts: readonly (() => Promise<Trial>)[]): Promise<Outcome> {
  const finishes: Finish[] = [];
  const sound: Entrant[] = [];
  let expected: HostArray | null = null;
  for (const [position, start] of starts.entries()) {
    try {
      const trial = await start();
      const result = await trial.result();
      expected ??= result;
      if (isSame(result, expected)) sound.push({ position, trial, best: Infinity, failure: null });
      else finishes[position] = { kind: "wrong" };
    } catch (error) {
      if (position === 0) throw error;
      finishes[position] = failed(error);
    }
  }
  const [first] = sound as [Entrant, ...Entrant[]];
  await timeAll(sound as [Entrant, ...Entrant[]]);
  for (const { position, best, failure } of sound)
    finishes[position] = failure ?? { kind: "timed", milliseconds: best };
  const quickest = sound
    .filter(({ failure }) => failure === null)
    .reduce((found, each) => (each.best < found.best ? each : found));
  const gain = first.best / quickest.best;
  return gain >= clearly ? { winner: quickest.position, gain, finishes } : { winner: 0, gain: 1, finishes };
}

interface Entrant {
  readonly position: number;
  readonly trial: Trial;
  /** Milliseconds of one run. */
  best: number;
  failure: Finish | null;
}

async function timeAll(entrants: readonly [Entrant, ...Entrant[]]): Promise<void> {
  const [first] = entrants;
  const batch = await batchOf(first.trial);
  let running: Entrant[] = [];
  for (const entrant of entrants) {
    // What takes longer once than the first does many times would keep the device busy for too long.
    entrant.best = await timeOf(entrant, 1);
    if (entrant === first || entrant.best <= hopeless * batch.milliseconds) running.push(entrant);
  }
  // A run alone is measured less exactly than one of many: nothing is to be won by it.
  for (const entrant of running) entrant.best = Infinity;
  for (let round = 0; round < rounds; round++) {
    for (const entrant of running)
      entrant.best = Math.min(entrant.best, (await timeOf(entrant, batch.runs)) / batch.runs);
    const least = Math.min(...running.map(({ best }) => best));
    running = running.filter(
      (entrant) => entrant === first || (entrant.failure === null && entrant.best <= hopeless * least),
    );
  }
}

/** Milliseconds of so many runs; whoever fails is never done. */
async function timeOf(entrant: Entrant, runs: number): Promise<number> {
  try {
    return await entrant.trial.time(runs);
  } catch (error) {
    if (entrant.position === 0) throw error;
    entrant.failure = failed(error);
    return Infinity;
  }
}

function failed(error: unknown): Finish {
  return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
}

/** As many runs as make a batch, and how long that takes. */
async function batchOf(trial: Trial): Promise<{ readonly runs: number; readonly milliseconds: number }> {
  let runs = 1;
  let milliseconds = await trial.time(runs);
  while (runs < mostRuns && milliseconds < batchMilliseconds) {
    runs *= 2;
    milliseconds = await trial.time(runs);
  }
  return { runs, milliseconds };
}

/** Drivers may give 0 either sign; two NaNs are as good as one. */
function isSame(a: HostArray, b: HostArray): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x !== y && (x === x || y === y)) return false;
  }
  return true;
}
