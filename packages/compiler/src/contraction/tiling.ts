import type { ContractionKernel } from "../ir.ts";
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
export function rowEfficiency(m: number): number {
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

/** A nest of k that is so long stays in the first caches together with what a chunk reads of A and B. */
const block = { least: 192, most: 512 };

/**
 * The nest of k in two parts: what runs inside the tiles is a few hundred long, the rest outside. An axis that is too
 * long is cut in two by a divisor, if it has one.
 */
export function blocked(sum: readonly SumAxis[]): { readonly k: readonly SumAxis[]; readonly hoisted: number } {
  const inside: SumAxis[] = [];
  const outside = [...sum];
  while (outside.length > 0 && volume(inside) < block.least) {
    const axis = outside.pop()!;
    const size = largestDivisor(axis.size, Math.floor(block.most / volume(inside)));
    if (size === axis.size) inside.unshift(axis);
    else {
      const [outer, inner] = cut(axis, size);
      outside.push(outer);
      if (size > 1) inside.unshift(inner);
      break;
    }
  }
  // What could not be cut runs inside, whole: there has to be something.
  if (inside.length === 0) inside.push(outside.pop()!);
  return { k: [...outside, ...inside], hoisted: outside.length };
}

/** An axis as two, the inner one of the given size. */
function cut({ size, a, b }: SumAxis, inner: number): [SumAxis, SumAxis] {
  return [
    { size: size / inner, a: a * inner, b: b * inner },
    { size: inner, a, b },
  ];
}

/** Tiles of C that there should be, so that several threads have work. */
const enough = { tiles: 8, parts: 16, depth: 4096 };

/**
 * Into how many parts the sum is to be split, and the product whose sums they are: few tiles over a long sum keep one
 * thread busy alone. The parts become the outermost free axis.
 */
export function splitSum(product: Product, columns: number): { readonly product: Product; readonly parts: number } {
  const { free, n, sum } = product;
  const m = chooseRows(free)?.size ?? 1;
  const tiles = (volume(free) / m) * Math.ceil(m / rows.most) * Math.ceil(n.size / columns);
  if (tiles >= enough.tiles || volume(sum) < enough.depth) return { product, parts: 1 };
  const most = Math.floor(enough.parts / tiles);
  const parts = sum.map(({ size }) => largestDivisor(size, most));
  const best = parts.indexOf(Math.max(...parts));
  if (parts[best] === 1) return { product, parts: 1 };
  const count = parts[best]!;
  const [outer, inner] = cut(sum[best]!, sum[best]!.size / count);
  // Along its steps in C partial sums lie one behind the other, once they have steps: see `intoScratch`.
  const axis: FreeAxis = { ...outer, c: 0, beside: [] };
  return {
    product: { ...product, free: [axis, ...free], sum: sum.with(best, inner) },
    parts: count,
  };
}

/** k blocks pay where one step along k is far in A, while rows lie side by side: a block's lines are used several times. */
export function wantsBlocks({ sum, inPlace }: Product, m: ContractionKernel["m"]): boolean {
  return volume(sum) > block.most && (inPlace || Math.abs(m.a) < Math.abs(sum.at(-1)!.a));
}
