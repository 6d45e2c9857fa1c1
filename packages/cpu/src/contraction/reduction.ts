import type { ContractionKernel } from "@steelyard/compiler";
import type { Limits } from "./limits.ts";

/** A k axis: so many elements of A and of B from one index to the next. */
export interface ReducedAxis {
  readonly size: number;
  readonly a: number;
  readonly b: number;
}

/** Which k axes run within a tile, and into how many blocks the outermost of them is cut. */
interface Split {
  readonly outside: readonly ReducedAxis[];
  readonly inside: readonly ReducedAxis[];
  readonly blocks: number;
}

/** Axes go outside until what is left is short enough for the cache; the axis at the border is cut into blocks. */
export function splitReduction({ k, schedule }: ContractionKernel, { run }: Limits): Split {
  // Sums without terms: one turn that adds nothing.
  if (k.some(({ size }) => size === 0)) return { outside: [], inside: [{ size: 0, a: 0, b: 0 }], blocks: 1 };
  const packed = schedule.b === "panels";
  const outside: ReducedAxis[] = [];
  let inside = merged(k, packed);
  const longest = packed && Math.abs(inside.at(-1)?.a ?? 1) > 1 ? run.linesOfA : run[schedule.b];
  while (inside.length > 1 && product(inside.slice(1).map(({ size }) => size)) >= longest) {
    outside.push(inside[0]!);
    inside = inside.slice(1);
  }
  const terms = product(inside.map(({ size }) => size));
  const blocks = inside.length === 0 ? 1 : Math.min(inside[0]!.size, Math.ceil(terms / longest));
  return { outside, inside, blocks };
}

/** Drops axes of size 1 and joins neighbours that are one run in memory. Packed panels are always one run. */
function merged(axes: readonly ReducedAxis[], packed: boolean): ReducedAxis[] {
  const result: ReducedAxis[] = [];
  for (const axis of axes) {
    const last = result.at(-1);
    const size = axis.size;
    if (size === 1) continue;
    if (last !== undefined && last.a === axis.a * size && (packed || last.b === axis.b * size)) {
      result[result.length - 1] = { ...axis, size: last.size * size };
    } else result.push(axis);
  }
  return result;
}

/** In a panel of `width` columns each k follows the one before; `inner` of them lie within the last axis. */
export function packedSteps(axes: readonly ReducedAxis[], inner: number, width: number): readonly ReducedAxis[] {
  return axes.map((axis, i) => ({ ...axis, b: width * inner * product(axes.slice(i + 1).map(({ size }) => size)) }));
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
