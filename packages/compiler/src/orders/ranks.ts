import {
  accumulated,
  axesOf,
  cast,
  compare,
  constant,
  element,
  hold,
  indexValue,
  loopStep,
  not,
  placeIn,
  precedes,
  sumOf,
  where,
  type Stored,
  type Work,
} from "./terms.ts";

/**
 * Sorts by counting, for short lines. The rank of an element is how many come before it, and at place p of the result is
 * the one whose rank is p:
 *
 *   rank[i] = Σ_j [x_j before x_i]        out[p] = Σ_i [rank[i] = p]·i
 *
 * Of equals the first comes first: an earlier x_j is before x_i unless x_i precedes it, a later one if it precedes x_i.
 */
export function argSortByRanks(work: Work, x: Stored, axis: number, descending: boolean, out: Stored): void {
  const { shape } = x.view;
  const rank = shape.length;
  const line = { space: shape, reduced: [shape[axis]!] };
  const ranks = hold(work, shape, "i32");
  const axes = axesOf(rank + 1);
  const [here, other] = [axes.slice(0, rank), axes[rank]!];
  const there = here.with(axis, other);
  const [i, j] = [indexValue(here[axis]!), indexValue(other)];

  const [xi, xj] = [element(0, x, here, rank + 1), element(0, x, there, rank + 1)];
  const isBefore = where(compare("less", j, i), not(precedes(xi, xj, descending)), precedes(xj, xi, descending));
  const count = loopStep(
    "ranks of argSort",
    { ...line, accumulators: [sumOf(cast(isBefore, "i32"))] },
    [x],
    [{ to: ranks, at: placeIn(ranks, axesOf(rank), rank), expr: accumulated(0, "i32") }],
  );
  const isHere = compare("equal", element(0, ranks, there, rank + 1), i);
  const invert = loopStep(
    "argSort",
    { ...line, accumulators: [sumOf(where(isHere, j, constant(0)))] },
    [ranks],
    [{ to: out, at: placeIn(out, axesOf(rank), rank), expr: accumulated(0, "i32") }],
  );
  work.steps.push(count, invert);
}
