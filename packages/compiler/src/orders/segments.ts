import { sizeOf } from "@steelyard/core";
import { constantIndex, plus, scaled, type Affine } from "../affine.ts";
import type { Expr } from "../ir.ts";
import { working } from "../windows/window.ts";
import type { Scatter } from "./scatter-add.ts";
import { argSort } from "./sorting.ts";
import {
  accumulated,
  axesOf,
  call,
  cast,
  compare,
  constant,
  element,
  hold,
  indexValue,
  loopStep,
  placeIn,
  sumOf,
  where,
  type Stored,
  type Work,
} from "./terms.ts";

// Additions to many rows. Sorted by where they go, the updates of one row stand side by side, and in the order in which they
// came: a segment. Within segments running sums are taken in ever longer reach,
//
//   s_1[p] = u[p]      s_Rd[p] = Σ_q [p − q·d is in the segment of p]·s_d[p − q·d]  for q < R
//
// so that after log_R J rounds the last place of each segment has the sum of all of it, and its row asks for that.

/** How many sums a round adds up. */
const reach = 8;

/** The updates by their places when sorted: where each came from, and the row it goes to. */
interface Sorted {
  readonly from: Stored;
  readonly rows: Stored;
}

export function scatterAddBySegments(work: Work, { updates, indices, axis, out }: Scatter): void {
  const rows = out.view.shape[axis]!;
  const sorted = sortedByRow(work, indices, rows);
  const flat = flattened(work, updates, axis, indices.view.shape.length);
  const count = sizeOf(indices.view.shape);
  let sums = reachingSums(work, flat, axis, sorted, { distance: 1, isSorted: false });
  for (let distance = reach; distance < count; distance *= reach) {
    sums = reachingSums(work, sums, axis, sorted, { distance, isSorted: true });
  }
  const ends = endsOfRows(work, sorted.rows, rows);
  const rank = out.view.shape.length;
  const axes = axesOf(rank);
  const at = placeIn(sums, axes.with(axis, constantIndex(0, rank)), rank);
  const index = element(1, ends, [axes[axis]!], rank);
  const found = { index, at, step: sums.view.steps[axis]!, size: count };
  const expr: Expr = { kind: "lookup", dtype: sums.dtype, buffer: 0, ...found };
  work.steps.push(
    loopStep("scatterAdd", { space: out.view.shape }, [sums, ends], [{ to: out, at: placeIn(out, axes, rank), expr }]),
  );
}

/** Sorts the updates by row; those at indices outside go behind the last. */
function sortedByRow(work: Work, indices: Stored, rows: number): Sorted {
  const { shape } = indices.view;
  const rank = shape.length;
  const given = element(0, indices, axesOf(rank), rank);
  const [zero, size] = [constant(0, given.dtype), constant(rows, given.dtype)];
  const isInside = call("and", compare("lessEqual", zero, given), compare("less", given, size));
  const inOrder = hold(work, shape, "i32");
  work.steps.push(
    loopStep(
      "rows of scatterAdd",
      { space: shape },
      [indices],
      [{ to: inOrder, at: placeIn(inOrder, axesOf(rank), rank), expr: cast(where(isInside, given, size), "i32") }],
    ),
  );
  const count = sizeOf(shape);
  const line = { ...inOrder, view: { shape: [count], start: 0, steps: [1] } };
  const from = hold(work, [count], "i32");
  argSort(work, line, 0, false, from);
  const sorted = hold(work, [count], "i32");
  const place = axesOf(1);
  const expr = lookedUp(0, "i32", element(1, from, place, 1), count, 1);
  work.steps.push(
    loopStep("sorted rows", { space: [count] }, [line, from], [{ to: sorted, at: placeIn(sorted, place, 1), expr }]),
  );
  return { from, rows: sorted };
}

/** An element of a dense list. */
function lookedUp(buffer: number, dtype: Stored["dtype"], index: Expr, size: number, rank: number): Expr {
  return { kind: "lookup", dtype, buffer, at: constantIndex(0, rank), index, step: 1, size };
}

/** The updates with one axis in place of those of the indices; copied where these are no one axis in memory. */
function flattened(work: Work, updates: Stored, axis: number, several: number): Stored {
  const { shape, start, steps } = updates.view;
  const merged = (stored: Stored["view"]): Stored["view"] => {
    const size = sizeOf(shape.slice(axis, axis + several));
    const inner = several === 0 ? 0 : stored.steps[axis + several - 1]!;
    return {
      shape: shape.toSpliced(axis, several, size),
      start: stored.start,
      steps: stored.steps.toSpliced(axis, several, inner),
    };
  };
  const isOne = Array.from({ length: Math.max(0, several - 1) }, (_, i) => axis + i).every(
    (outer) => steps[outer] === steps[outer + 1]! * shape[outer + 1]!,
  );
  if (isOne) return { ...updates, view: merged({ shape, start, steps }) };
  const copy = hold(work, shape, updates.dtype);
  const rank = shape.length;
  const axes = axesOf(rank);
  work.steps.push(
    loopStep(
      "copy of updates",
      { space: shape },
      [updates],
      [{ to: copy, at: placeIn(copy, axes, rank), expr: element(0, updates, axes, rank) }],
    ),
  );
  return { ...copy, view: merged(copy.view) };
}

/** The sums of the updates, or of earlier sums, at places so far apart, in order and as far as they are in one segment. */
function reachingSums(
  work: Work,
  terms: Stored,
  axis: number,
  { from, rows }: Sorted,
  { distance, isSorted }: { readonly distance: number; readonly isSorted: boolean },
): Stored {
  const space = terms.view.shape;
  const count = space[axis]!;
  const sums = hold(work, space, working(terms.dtype));
  const rank = space.length;
  const axes = axesOf(rank + 1);
  const [here, back] = [axes[axis]!, axes[rank]!];
  const there = plus(here, scaled(back, distance, -(reach - 1) * distance));
  const indices = axes.slice(0, rank);
  const term = isSorted
    ? element(1, terms, indices.with(axis, there), rank + 1)
    : updateAt(terms, axis, indices, element(2, from, [there], rank + 1));
  const isSame = compare("equal", element(0, rows, [there], rank + 1), element(0, rows, [here], rank + 1));
  const zero = constant(0, sums.dtype);
  const guards = [{ index: there, size: count }];
  const value = where(isSame, term, zero);
  const expr: Expr = { kind: "guarded", dtype: zero.dtype, guards, value, otherwise: zero };
  work.steps.push(
    loopStep(
      "sums of scatterAdd",
      { space, reduced: [reach], accumulators: [sumOf(expr)] },
      isSorted ? [rows, terms] : [rows, terms, from],
      [{ to: sums, at: placeIn(sums, axesOf(rank), rank), expr: accumulated(0, sums.dtype) }],
    ),
  );
  return sums;
}

/** The update with that number; `indices` are those of the other axes. */
function updateAt(updates: Stored, axis: number, indices: readonly Affine[], index: Expr): Expr {
  const rank = indices[0]!.coefficients.length;
  const { shape, steps } = updates.view;
  const at = placeIn(updates, indices.with(axis, constantIndex(0, rank)), rank);
  const value: Expr = { kind: "lookup", dtype: updates.dtype, buffer: 1, at, index, step: steps[axis]!, size: shape[axis]! }; // prettier-ignore
  return cast(value, working(updates.dtype));
}

/**
 * For each row the last of its sorted updates, −1 where there are none. How many go to rows up to this one is found by
 * halves: so many more as long as the last of them does.
 */
function endsOfRows(work: Work, sorted: Stored, rows: number): Stored {
  const count = sorted.view.shape[0]!;
  const [row] = axesOf(1);
  const rowAt = (place: Expr): Expr => lookedUp(0, "i32", place, count, 1);
  const own = indexValue(row!);
  const one = constant(1);
  let upTo = constant(0);
  for (let more = 2 ** Math.floor(Math.log2(count)); more >= 1; more /= 2) {
    const tried = call("add", upTo, constant(more));
    const isOne = call(
      "and",
      compare("lessEqual", tried, constant(count)),
      compare("lessEqual", rowAt(call("sub", tried, one)), own),
    );
    upTo = where(isOne, tried, upTo);
  }
  const last = call("sub", upTo, one);
  const ends = hold(work, [rows], "i32");
  const expr = where(compare("equal", rowAt(last), own), last, constant(-1));
  work.steps.push(
    loopStep("ends of rows", { space: [rows] }, [sorted], [{ to: ends, at: placeIn(ends, [row!], 1), expr }]),
  );
  return ends;
}
