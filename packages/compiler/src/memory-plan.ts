/** A piece of memory and the commands, first to last, during which it is in use. */
export interface Lifetime {
  readonly elements: number;
  readonly first: number;
  readonly last: number;
}

/** Buffers start at multiples of this many elements: 64 bytes, a cache line. */
const alignment = 16;

/**
 * Offsets for all buffers in one arena, such that buffers in use at the same time do not overlap; and the arena's size.
 * The largest are placed first, each into the tightest gap that its neighbours in time leave: simple, and close to the
 * lower bound on the plans of networks.
 */
export function planMemory(lifetimes: readonly Lifetime[]): { readonly offsets: number[]; readonly size: number } {
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const order = lifetimes.map((_, i) => i).toSorted((a, b) => lifetimes[b]!.elements - lifetimes[a]!.elements || a - b);
  const placed: number[] = [];
  let size = 0;
  for (const i of order) {
    const { elements, first, last } = lifetimes[i]!;
    const needed = roundedUp(elements);
    const busy = placed
      .filter((other) => lifetimes[other]!.first <= last && lifetimes[other]!.last >= first)
      .map((other) => ({ from: offsets[other]!, to: offsets[other]! + roundedUp(lifetimes[other]!.elements) }))
      .toSorted((a, b) => a.from - b.from);
    offsets[i] = tightestGap(busy, needed);
    placed.push(i);
    size = Math.max(size, offsets[i] + needed);
  }
  return { offsets, size };
}

function roundedUp(elements: number): number {
  return Math.ceil(elements / alignment) * alignment;
}

function tightestGap(busy: readonly { readonly from: number; readonly to: number }[], needed: number): number {
  let [best, bestSize] = [-1, Infinity];
  let end = 0;
  for (const { from, to } of busy) {
    const gap = from - end;
    if (gap >= needed && gap < bestSize) [best, bestSize] = [end, gap];
    end = Math.max(end, to);
  }
  return best >= 0 ? best : end;
}
