import { sizeOf, stridesOf, type Shape } from "../shape.ts";
import type { Buffer } from "./algebra.ts";
import { moveRun } from "./moves.ts";

/** How a walk over a shape moves through a buffer: where it starts, and how far a step along each axis takes it. */
export interface Walk {
  readonly start: number;
  readonly steps: readonly number[];
}

type RunVisitor = (a: number, aStep: number, b: number, bStep: number, count: number) => void;

/**
 * Walks a shape through two buffers at once, in runs: all views are such walks. A transpose permutes the steps of one
 * side, a broadcast has steps of zero on the side it reads, a sum on the side it writes, a flip has negative ones.
 * Neighbouring axes that act as one are merged first. The order depends on shape and steps alone.
 */
export function forEachRun(shape: Shape, a: Walk, b: Walk, visit: RunVisitor): void {
  if (shape.includes(0)) return;
  const axes = mergedAxes(shape, a.steps, b.steps);
  // The innermost axis is contiguous most often; a short one wastes a call on every few scalars.
  const last = axes.at(-1)!;
  const run = last.size >= 16 ? last : axes.reduce((best, axis) => (axis.size > best.size ? axis : best), last);
  const outer = axes.filter((axis) => axis !== run);
  const index = outer.map(() => 0);
  // An odometer: the last of the outer axes turns fastest, and one that is done goes back to its start.
  let ao = a.start;
  let bo = b.start;
  for (;;) {
    visit(ao, run.a, bo, run.b, run.size);
    let i = outer.length - 1;
    for (; i >= 0; i--) {
      const { size, a: aStep, b: bStep } = outer[i]!;
      ao += aStep;
      bo += bStep;
      if (++index[i]! < size) break;
      ao -= aStep * size;
      bo -= bStep * size;
      index[i] = 0;
    }
    if (i < 0) return;
  }
}

function mergedAxes(
  shape: Shape,
  a: readonly number[],
  b: readonly number[],
): { size: number; a: number; b: number }[] {
  const axes: { size: number; a: number; b: number }[] = [];
  shape.forEach((size, i) => {
    if (size === 1) return;
    const axis = { size, a: a[i]!, b: b[i]! };
    const outer = axes.at(-1);
    if (outer !== undefined && outer.a === axis.a * size && outer.b === axis.b * size) {
      axes[axes.length - 1] = { ...axis, size: outer.size * size };
    } else axes.push(axis);
  });
  return axes.length === 0 ? [{ size: 1, a: 0, b: 0 }] : axes;
}

/** Moves the scalars of a walk: out[…] = x[…]. */
export function moveWalk(shape: Shape, out: Buffer, to: Walk, x: Buffer, from: Walk): void {
  forEachRun(shape, to, from, (oo, os, xo, xs, count) => moveRun(out, oo, os, x, xo, xs, count));
}

/** The loops around one axis of a row-major tensor: element (o, i, r) lies at (o · n + i) · inner + r. */
export interface Around {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

/** What lies before, on and behind an axis of a shape. */
export function around(shape: Shape, axis: number): Around {
  return { outer: sizeOf(shape.slice(0, axis)), n: shape[axis]!, inner: sizeOf(shape.slice(axis + 1)) };
}

/** The strides of `small` along the axes of `large` that it stretches to: zero where it stands still. */
export function stretchedStrides(small: Shape, large: Shape): number[] {
  const strides = stridesOf(small);
  const missing = large.length - small.length;
  return large.map((size, i) => (i < missing || small[i - missing] !== size ? 0 : strides[i - missing]!));
}
