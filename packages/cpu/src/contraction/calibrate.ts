import { families, type Family } from "./families.ts";
import { selfTest } from "./self-test.ts";
import { trialOf } from "./trial.ts";

/** How fast a family is on this machine. */
export interface Measurement {
  readonly family: Family;
  readonly gflops: number;
}

export interface Calibration {
  /** Of all families that pass the self-test, the fastest first. */
  readonly measurements: readonly Measurement[];
  readonly best: Family;
}

/**
 * Times the families on a product that fits into the nearest cache, less than 100 ms in all. Without the revectorizer the
 * wide tile needs more registers than there are, and comes out behind the narrow one.
 */
export function calibrate(): Calibration {
  const measurements = Object.values(families)
    .filter((family) => selfTest(family))
    .map((family) => ({ family, gflops: speedOf(family) }))
    .toSorted((x, y) => y.gflops - x.gflops);
  return { measurements, best: measurements[0]?.family ?? families.plain };
}

// Milliseconds: until the engine has optimised the code, which it does beside us, and of a slice that is timed.
const [warmUp, slice, slices] = [8, 2, 3];

function speedOf(family: Family): number {
  const [m, k, n] = [24, 64, 32];
  const { run } = trialOf(family, m, k, n);
  runFor(run, warmUp);
  const perMillisecond = Math.max(...Array.from({ length: slices }, () => runFor(run, slice)));
  return (2 * m * k * n * perMillisecond) / 1e6;
}

/** Runs for so many milliseconds, and tells how often in one. */
function runFor(run: () => void, milliseconds: number): number {
  const start = performance.now();
  let [runs, elapsed] = [0, 0];
  while (elapsed < milliseconds) {
    for (let i = 0; i < 10; i++) run();
    runs += 10;
    elapsed = performance.now() - start;
  }
  return runs / elapsed;
}
