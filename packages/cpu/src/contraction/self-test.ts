import { validates, type Family } from "./families.ts";
import { trialOf } from "./trial.ts";

/**
 * Whether a family computes a small product of whole numbers exactly, here and now: false where this engine does not know
 * its instructions, cannot compile it, or computes something else. Ragged on both sides, so that all stores are tried.
 */
export function selfTest(family: Family, trial: typeof trialOf = trialOf): boolean {
  if (!validates(family)) return false;
  const [m, k, n] = [13, 5, 31];
  try {
    const { a, b, c, run } = trial(family, m, k, n);
    a.forEach((_, i) => (a[i] = (i % 7) - 3));
    b.forEach((_, i) => (b[i] = (i % 5) - 2));
    // Often enough that engines which optimise what is hot are tested in what they make of it.
    for (let turn = 0; turn < 200; turn++) run();
    return c.every((value, i) => value === dot(a, b, Math.floor(i / n), i % n, { k, n }));
  } catch {
    return false;
  }
}

function dot(
  a: Float32Array,
  b: Float32Array,
  row: number,
  column: number,
  { k, n }: { readonly k: number; readonly n: number },
): number {
  let sum = 0;
  for (let i = 0; i < k; i++) sum += a[row * k + i]! * b[i * n + column]!;
  return sum;
}
