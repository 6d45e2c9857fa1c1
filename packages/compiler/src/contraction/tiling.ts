import type { Target } from "../target.ts";
import { largestDivisor, volume, type FreeAxis, type Product, type SumAxis } from "./product.ts";

// The choices of a schedule. Each is a function of sizes and steps alone.

/** Rows of a register tile at most, and at least if its multiply-adds are to keep the units busy. */
const rows = { most: 6, busy: 4 };

/** Up to so many rows of A, a copy of B into panels costs as much as the product itself. */
export const fewRows = 12;

/** The rows of A that use one and the same B. */
export function rowsOf({ free }: Product): number {
  return volume(free.filter(({ b }) => b === 0));
}

/** The part of the arithmetic units' time that is of use when m is cut into balanced tiles. */
function rowEfficiency(m: number): number {
  const tiles = Math.ceil(m / rows.most);
  const least = Math.floor(m / tiles);
  const larger = m - tiles * least;
  const time = (tiles - larger) * Math.max(least, rows.busy) + larger * Math.max(least + 1, rows.busy);
  return m / time;
}

/**
 * The free axis that becomes m: among those along which B stands still the one that fills tiles best, and of nearly
 * equals the innermost, whose rows of A lie closest together. Null: there is none.
 */
export function chooseRows(free: readonly FreeAxis[]): FreeAxis | null {
  let best: FreeAxis | null = null;
  for (const axis of free.toReversed()) {
    if (axis.b !== 0) continue;
    if (best === null || rowEfficiency(axis.size) > 1.1 * rowEfficiency(best.size)) best = axis;
  }
  return best;
}

/** An axis as two, the inner one of the given size. */
function cut({ size, a, b }: SumAxis, inner: number): [SumAxis, SumAxis] {
  return [
    { size: size / inner, a: a * inner, b: b * inner },
    { size: inner, a, b },
  ];
}

// A sum is worth splitting if it has so many terms, into so many parts, when there are fewer tiles than threads want; or
// when it streams over more than the caches hold, while C stays in them: then each part passes over its A and B once.
const split = { depth: 4096, tiles: 8, parts: 16, resident: 2 ** 16 };

/**
 * The product whose sums are parts of those of the given one: the parts, `count` in all, are new outermost free axes.
 */
export function splitSum(product: Product, target: Target): { readonly product: Product; readonly count: number } {
  let wanted = partsWanted(product, target);
  const parts: FreeAxis[] = [];
  const sum = product.sum.map((axis) => {
    const count = largestDivisor(axis.size, wanted);
    if (count === 1) return axis;
    const [outer, inner] = cut(axis, axis.size / count);
    wanted = Math.floor(wanted / count);
    // They get steps in C together with all other axes, in scratch memory.
    parts.push({ ...outer, c: 0, beside: [] });
    return inner;
  });
  return { product: { ...product, free: [...parts, ...product.free], sum }, count: volume(parts) };
}

function partsWanted({ free, n, sum, inPlace }: Product, { columns, spread }: Target): number {
  if (spread !== undefined) {
    const most = Math.floor((spread.tiles * spread.elements) / (volume(free) * n.size));
    return Math.max(1, Math.min(most, Math.floor(volume(sum) / spread.terms), spread.tiles));
  }
  if (volume(sum) < split.depth) return 1;
  const m = chooseRows(free)?.size ?? 1;
  const tiles = (volume(free) / m) * Math.ceil(m / rows.most) * Math.ceil(n.size / columns);
  if (tiles < split.tiles) return Math.floor(split.parts / tiles);
  return inPlace && volume(free) * n.size <= split.resident ? split.parts : 1;
}
