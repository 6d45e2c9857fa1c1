/** What is done to a recorded sequence before it is drawn: smoothing, thinning, and finding where the lead changes. */

export interface Point {
  readonly x: number;
  /** NaN: nothing to draw here, and a line is interrupted. */
  readonly y: number;
}

/** Smoothing in proportion to the run, so that a short and a long run look alike. */
export function halfLifeFor(recorded: number): number {
  return Math.max(1, Math.round(recorded / 80));
}

/**
 * Two-sided exponential moving average: a value `d` places away, before or after, counts 2^(−d / halfLife). The usual
 * one-sided average would move every crossing to the right, and where crossings are is what these curves are read for.
 * Non-finite values are left out of the mean and stay NaN.
 */
export function smooth(values: readonly number[], halfLife: number): readonly number[] {
  const before = sums(values, halfLife);
  const after = sums(values.toReversed(), halfLife).toReversed();
  return values.map((value, i) => {
    const [left, right] = [before[i], after[i]];
    if (!Number.isFinite(value) || left === undefined || right === undefined) return Number.NaN;
    // Both sides hold the value itself, with weight 1.
    return (left.sum + right.sum - value) / (left.mass + right.mass - 1);
  });
}

/** At each place the decaying sum of the finite values up to it, and the sum of their weights. */
function sums(values: readonly number[], halfLife: number): readonly { readonly sum: number; readonly mass: number }[] {
  const keep = 2 ** (-1 / halfLife);
  let [sum, mass] = [0, 0];
  return values.map((value) => {
    const finite = Number.isFinite(value);
    sum = keep * sum + (finite ? value : 0);
    mass = keep * mass + (finite ? 1 : 0);
    return { sum, mass };
  });
}

/**
 * At most `limit` points that look like all of them: each bucket of neighbours keeps its lowest and its highest point,
 * in order, and one NaN if it had any. So no spike and no gap disappears, which a mean per bucket would do.
 */
export function thin(points: readonly Point[], limit = 600): readonly Point[] {
  if (points.length <= limit) return points;
  const gaps = points.some((point) => Number.isNaN(point.y));
  const buckets = Math.max(1, Math.floor(limit / (gaps ? 3 : 2)));
  return Array.from({ length: buckets }, (_, bucket) => {
    const from = Math.floor((bucket * points.length) / buckets);
    return extremes(points.slice(from, Math.floor(((bucket + 1) * points.length) / buckets)));
  }).flat();
}

function extremes(bucket: readonly Point[]): readonly Point[] {
  let low: Point | undefined;
  let high: Point | undefined;
  let gap: Point | undefined;
  for (const point of bucket) {
    if (Number.isNaN(point.y)) gap ??= point;
    else {
      if (low === undefined || point.y < low.y) low = point;
      if (high === undefined || point.y > high.y) high = point;
    }
  }
  const kept = new Set([low, high, gap].filter((point) => point !== undefined));
  return [...kept].toSorted((a, b) => a.x - b.x);
}

export interface HandOver {
  readonly step: number;
  /** Index of the task that leads from here on. */
  readonly to: number;
}

/**
 * Where the largest weight passes to another task. `weights[task][i]` belongs to `steps[i]`. A lead counts from
 * `margin` on, so that two weights lying on each other do not change hands at every step. The first entry is the
 * first lead, not yet a change.
 */
export function leads(
  steps: readonly number[],
  weights: readonly (readonly number[])[],
  margin = 0.02,
): readonly HandOver[] {
  const found: HandOver[] = [];
  for (const [i, step] of steps.entries()) {
    const now = weights.map((series) => series[i] ?? Number.NaN);
    const [first, second] = [...now.entries()].filter(([, w]) => Number.isFinite(w)).toSorted(([, a], [, b]) => b - a);
    if (first === undefined || second === undefined || first[1] - second[1] < margin) continue;
    if (first[0] !== found.at(-1)?.to) found.push({ step, to: first[0] });
  }
  return found;
}
