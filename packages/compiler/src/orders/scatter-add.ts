import type { Shape } from "@steelyard/core";
import { working } from "../windows/window.ts";
import {
  accumulated,
  axesOf,
  compare,
  constant,
  element,
  indexValue,
  loopStep,
  placeIn,
  sumOf,
  where,
  type Stored,
  type Work,
} from "./terms.ts";

/** What is added where: updates[…, j…, …] to row indices[j…] of an axis of the output. */
export interface Scatter {
  readonly updates: Stored;
  readonly indices: Stored;
  readonly axis: number;
  readonly out: Stored;
}

/**
 * Asks of every row who is added to it, which is all there is to do for few rows or few indices:
 *
 *   out[…, i, …] = Σ_j [indices[j] = i]·updates[…, j…, …]
 *
 * An index outside the rows equals none of them. The sum is a choice and no product, as NaN times 0 is NaN.
 */
export function scatterAddByRows(work: Work, { updates, indices, axis, out }: Scatter): void {
  const { shape: space } = out.view;
  const reduced: Shape = indices.view.shape;
  const rank = space.length + reduced.length;
  const axes = axesOf(rank);
  const j = axes.slice(space.length);
  const from = axes.slice(0, space.length).toSpliced(axis, 1, ...j);
  const isHere = compare("equal", element(1, indices, j, rank), indexValue(axes[axis]!, indices.dtype));
  const dtype = working(updates.dtype);
  const taken = where(isHere, element(0, updates, from, rank), constant(0, dtype));
  const step = loopStep(
    "scatterAdd",
    { space, reduced, accumulators: [sumOf(taken)] },
    [updates, indices],
    [{ to: out, at: placeIn(out, axesOf(space.length), space.length), expr: accumulated(0, dtype) }],
  );
  work.steps.push(step);
}
