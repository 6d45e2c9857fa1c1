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
  // In the order of their offsets.
  const placed: Placed[] = [];
  let size = 0;
  for (const i of order) {
    const { elements, first, last } = lifetimes[i]!;
    const needed = roundedUp(elements);
    const from = tightestGap(placed, { first, last }, needed);
    offsets[i] = from;
    const next = placed.findIndex((other) => other.from > from);
    placed.splice(next < 0 ? placed.length : next, 0, { from, to: from + needed, first, last });
    size = Math.max(size, from + needed);
  }
  return { offsets, size };
}

function roundedUp(elements: number): number {
  return Math.ceil(elements / alignment) * alignment;
}

interface Placed {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly last: number;
}

/** Where so many elements fit best between those that are in use at some time from first to last. */
function tightestGap(
  placed: readonly Placed[],
  { first, last }: Pick<Placed, "first" | "last">,
  needed: number,
): number {
  let [best, bestSize] = [-1, Infinity];
  let end = 0;
  for (const other of placed) {
    if (other.first > last || other.last < first) continue;
    const gap = other.from - end;
    if (gap >= needed && gap < bestSize) [best, bestSize] = [end, gap];
    end = Math.max(end, other.to);
  }
  return best >= 0 ? best : end;
}
