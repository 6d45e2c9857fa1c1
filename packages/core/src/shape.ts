import { shapeError, valueError } from "./errors.ts";
import type { Spec } from "./primitive.ts";

/** Sizes of the axes, outermost first; `[]` is a scalar. A size may be zero. */
export type Shape = readonly number[];

/** How many elements a tensor of the shape has: the product of the sizes, 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether two shapes have the same rank and sizes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** A shape as messages write it: `[2, 3]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** A shape after its dtype, as messages write the two: `f32[2, 3]`. */
export function showSpec({ dtype, shape }: Spec): string {
  return dtype + showShape(shape);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides: number[] = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/**
 * The common shape under NumPy's rule: align at the right; a size of 1 stretches. Here and below `who` names the
 * caller's operation in the message.
 *
 * @throws ShapeError when two sizes differ and neither is 1
 * @example broadcastShapes("add", [2, 1], [3]) // [2, 3]
 */
export function broadcastShapes(who: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const out: number[] = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1;
    const y = b[b.length - i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      const got = `${showShape(a)} and ${showShape(b)}`;
      throw shapeError(who, "shapes that broadcast together", got, "sizes must be equal or 1, counted from the right");
    }
    out[rank - i] = x === 1 ? y : x;
  }
  return out;
}

/** An axis in 0 … rank − 1; negative ones count from the end. @throws ValueError when there is no such axis */
export function normaliseAxis(who: string, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    const needs = rank === 0 ? "no axis (the tensor is a scalar)" : `an axis in -${rank} … ${rank - 1}`;
    throw valueError(who, needs, String(axis));
  }
  return normal;
}

/**
 * Sorted distinct axes; left out means all of them.
 *
 * @throws ValueError for an axis that is not there, or named twice
 */
export function normaliseAxes(who: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = (typeof axes === "number" ? [axes] : axes).map((axis) => normaliseAxis(who, axis, rank));
  if (new Set(list).size !== list.length) throw valueError(who, "distinct axes", showShape(list));
  return list.toSorted((a, b) => a - b);
}
