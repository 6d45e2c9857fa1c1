import type { Shape } from "@steelyard/core";
import { constantIndex, plus, scaled, type Affine } from "../affine.ts";

/**
 * For each axis of `from`, the axes of `to` it was split into, with their steps; null when axes were merged, as then an
 * old index is no affine function of the new ones. Axes of size 1 come and go freely, and without elements all do.
 */
export function stepsBetween(from: Shape, to: Shape): readonly (readonly { axis: number; step: number }[])[] | null {
  if (from.includes(0)) return from.map(() => []);
  const parts: { axis: number; step: number }[][] = [];
  let next = 0;
  for (const size of from) {
    const group: { axis: number; size: number }[] = [];
    let product = 1;
    while (product < size && next < to.length) {
      product *= to[next]!;
      if (to[next] !== 1) group.push({ axis: next, size: to[next]! });
      next++;
    }
    if (product !== size) return null;
    let step = size;
    parts.push(group.map((part) => ({ axis: part.axis, step: (step /= part.size) })));
  }
  return to.slice(next).every((size) => size === 1) ? parts : null;
}

/** The indices before a reshape, given those after it; null where `stepsBetween` is. */
export function indicesBefore(from: Shape, to: Shape, indices: readonly Affine[], rank: number): Affine[] | null {
  const parts = stepsBetween(from, to);
  if (parts === null) return null;
  return parts.map((group) =>
    group.reduce((sum, { axis, step }) => plus(sum, scaled(indices[axis]!, step)), constantIndex(0, rank)),
  );
}
