import type { ContractionKernel } from "@steelyard/compiler";
import type { Limits } from "./limits.ts";
import { product, type ReducedAxis } from "./reduction.ts";

/** How many bytes of A all rows read in one turn: no more than its terms, and no more than it spans. */
export function footprint(
  { outer, m }: ContractionKernel,
  rowAxes: readonly number[],
  inside: readonly ReducedAxis[],
  blocks: number,
): number {
  const k = inside.map(({ size, a }, i) => ({ size: i === 0 ? Math.ceil(size / blocks) : size, a }));
  const axes = [...rowAxes.map((i) => outer[i]!), m, ...k];
  const span = axes.reduce((sum, { size, a }) => sum + Math.abs(a) * (size - 1), 1);
  return 4 * Math.min(span, product(axes.map(({ size }) => size)));
}

/** Counts of what can be cut, or of parts that it is cut into. */
export interface Sizes {
  readonly groups: number;
  readonly rows: number;
  readonly tiles: number;
  readonly panels: number;
}

/**
 * Groups are cut first, unless rows are to run through all of them. Then A is cut until a part stays in the cache, and the
 * longer side of what a chunk computes until there are enough chunks: near squares read least for what they compute.
 */
export function cutOf(
  { m, n }: ContractionKernel,
  sizes: Sizes,
  { work, bytesOfA, rowsFirst }: { readonly work: number; readonly bytesOfA: number; readonly rowsFirst: boolean },
  { cachedBytes, leastWork, enoughChunks }: Limits,
): Sizes {
  const enough = Math.min(enoughChunks, Math.max(1, Math.floor(work / leastWork)));
  const groups = rowsFirst ? 1 : Math.min(sizes.groups, enough);
  const wanted = Math.ceil(enough / groups);
  const height = sizes.rows * m.size;
  const most = sizes.rows * sizes.tiles;
  let [above, beside] = [Math.min(most, Math.ceil(bytesOfA / cachedBytes)), 1];
  while (above * beside < wanted && (above < most || beside < sizes.panels)) {
    const tall = height / above >= n.size / beside;
    if (above < most && (tall || beside === sizes.panels)) above++;
    else beside++;
  }
  const rows = Math.min(sizes.rows, above);
  return { groups, rows, tiles: Math.min(sizes.tiles, Math.ceil(above / rows)), panels: beside };
}
