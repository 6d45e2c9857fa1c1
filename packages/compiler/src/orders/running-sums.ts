import { axisIndex, plus, scaled, type Affine } from "../affine.ts";
import type { Expr } from "../ir.ts";
import type { Step } from "../lowered.ts";
import { working } from "../windows/window.ts";
import {
  accumulated,
  axesOf,
  call,
  constant,
  element,
  hold,
  loopStep,
  placeIn,
  sumOf,
  type Stored,
  type Work,
} from "./terms.ts";

// Running sums by blocks. In each block of a line one after another is added to what came before the block; and that is a
// running sum itself, of the sums of whole blocks, which are as many times fewer:
//
//   sums[b] = Σ_e x[b·B + e]      starts = running sums of sums      y[b·B + e] = starts[b − 1] + x[b·B] + … + x[b·B + e]

/** Elements of a block. */
const block = 16;

/** The sums of all before an element of the axis and, unless `exclusive`, the element. */
export function cumsum(
  work: Work,
  x: Stored,
  axis: number,
  { exclusive, reverse }: { readonly exclusive: boolean; readonly reverse: boolean },
  out: Stored,
): void {
  if (reverse) runningSums(work, backwards(x, axis), axis, exclusive, backwards(out, axis));
  else runningSums(work, x, axis, exclusive, out);
}

/** The same value, its elements along the axis counted from the end. */
function backwards(stored: Stored, axis: number): Stored {
  const { shape, start, steps } = stored.view;
  const step = steps[axis]!;
  const last = start + (shape[axis]! - 1) * step;
  return { ...stored, view: { shape, start: last, steps: steps.with(axis, -step) } };
}

function runningSums(work: Work, x: Stored, axis: number, exclusive: boolean, out: Stored): void {
  const { shape } = x.view;
  const n = shape[axis]!;
  const line: Line = { x, axis, exclusive, out, starts: null };
  if (n <= block) return void work.steps.push(blocksStep(line, { first: 0, blocks: 1, elements: n }));
  // Of the last block nobody needs the sum.
  const summed = shape.with(axis, Math.ceil(n / block) - 1);
  const sums = hold(work, summed, working(x.dtype));
  const starts = hold(work, summed, sums.dtype);
  work.steps.push(sumsStep(x, axis, sums));
  runningSums(work, sums, axis, false, starts);
  const whole = Math.floor(n / block);
  work.steps.push(blocksStep({ ...line, starts }, { first: 0, blocks: whole, elements: block }));
  const rest = { first: whole, blocks: 1, elements: n % block };
  if (rest.elements > 0) work.steps.push(blocksStep({ ...line, starts }, rest));
}

/** The indices of a block's element, given those of its block along the axis. */
function inBlocks(indices: readonly Affine[], axis: number, first: number, place: Affine): Affine[] {
  return indices.with(axis, plus(scaled(indices[axis]!, block, first * block), place));
}

function sumsStep(x: Stored, axis: number, sums: Stored): Step {
  const space = sums.view.shape;
  const rank = space.length;
  const axes = axesOf(rank + 1);
  const there = inBlocks(axes.slice(0, rank), axis, 0, axes[rank]!);
  const accumulators = [sumOf(element(0, x, there, rank + 1))];
  return loopStep(
    "sums of cumsum",
    { space, reduced: [block], accumulators },
    [x],
    [{ to: sums, at: placeIn(sums, axesOf(rank), rank), expr: accumulated(0, sums.dtype) }],
  );
}

/** What is summed up. */
interface Line {
  readonly x: Stored;
  readonly axis: number;
  readonly exclusive: boolean;
  readonly out: Stored;
  /** The sums up to the end of each block but the last; null: there is one block. */
  readonly starts: Stored | null;
}

/** So many blocks from the first on, each of that many elements. */
interface Part {
  readonly first: number;
  readonly blocks: number;
  readonly elements: number;
}

function blocksStep({ x, axis, exclusive, out, starts }: Line, part: Part): Step {
  const space = x.view.shape.with(axis, part.blocks);
  const rank = space.length;
  const axes = axesOf(rank);
  const zero = constant(0, working(x.dtype));
  let sum: Expr = zero;
  if (starts !== null) {
    const index = scaled(axisIndex(axis, rank), 1, part.first - 1);
    const value = element(1, starts, axes.with(axis, index), rank);
    const guards = [{ index, size: starts.view.shape[axis]! }];
    sum = part.first > 0 ? value : { kind: "guarded", dtype: zero.dtype, guards, value, otherwise: zero };
  }
  const writes = Array.from({ length: part.elements }, (_, e) => {
    const there = inBlocks(axes, axis, part.first, { constant: e, coefficients: axes.map(() => 0) });
    const before = sum;
    const value = element(0, x, there, rank);
    sum = sum === zero ? value : call("add", sum, value);
    return { to: out, at: placeIn(out, there, rank), expr: exclusive ? before : sum };
  });
  return loopStep("cumsum", { space }, starts === null ? [x] : [x, starts], writes);
}
