import type { ContractionKernel } from "@steelyard/compiler";
import { tileColumns, tileRows, type Family } from "./families.ts";
import { partsOf, type Parts } from "./loops.ts";

// How a contraction is cut: into register tiles, panels, blocks of k and chunks for threads. Numbers alone; nothing in it
// depends on anything but shapes, steps and the family.

/** A k axis: so many elements of A and of B from one index to the next. */
export interface ReducedAxis {
  readonly size: number;
  readonly a: number;
  readonly b: number;
}

/** Neighbouring panels of one width. */
export interface Region {
  /** Columns that are computed: whole vectors. */
  readonly width: number;
  /** Columns that are stored. */
  readonly columns: number;
  readonly firstPanel: number;
  readonly panels: number;
  /** Tiles along m. */
  readonly tiles: Parts;
  /** The k axes within a tile, outermost first; the outermost counts `block` turns at most. */
  readonly inside: readonly ReducedAxis[];
  /** The k axes around the tiles, and how many blocks the outermost axis within is cut into. */
  readonly outside: readonly ReducedAxis[];
}

export interface Tiling {
  /** Outer axes, by position: those with a B each, and those that share one. */
  readonly groupAxes: readonly number[];
  readonly rowAxes: readonly number[];
  /** Into how many blocks the outermost k axis within the tiles is cut. */
  readonly blocks: number;
  /** How often the tiles run: blocks and k axes around them. */
  readonly turns: number;
  /** Columns from one panel to the next, and how many panels there are. */
  readonly columns: number;
  readonly panels: number;
  readonly regions: readonly Region[];
  /** Whether each tile runs through all groups and panels before the next one. */
  readonly rowsFirst: boolean;
  /** Into how many ranges each axis is cut; a chunk is one of each. */
  readonly cut: { readonly groups: number; readonly rows: number; readonly tiles: number; readonly panels: number };
  readonly chunks: number;
}

// Beyond so many terms a sum is cut into blocks, so that what a block reads of B stays in a cache while all rows pass by.
// Rows of B lie apart and share few sets of the cache; panels are dense, and may be as long as the second level holds
// (128 KiB) where A is, too. Where each k is another line of A, as in filter gradients, lines are what is scarce.
const longestRun = { rows: 256, panels: 2048, linesOfA: 400 };
// How much of A a chunk may touch before it should be cut: it is read once for each panel and should stay in the second-
// level cache (1 MiB) beside B.
const cachedBytes = 384 * 1024;
// A B that stays in the first-level cache (32 KiB) beside some rows of A.
const nearBytes = 16 * 1024;
// Below so many operations a chunk is not worth waking a thread for.
const leastWork = 2 ** 20;
const enoughChunks = 16;

export function tilingOf(kernel: ContractionKernel, family: Family): Tiling {
  const { outer, m, n, k, schedule } = kernel;
  const axes = outer.map((_, i) => i);
  const groupAxes = axes.filter((i) => outer[i]!.b !== 0);
  const rowAxes = axes.filter((i) => outer[i]!.b === 0);
  const split = splitReduction(kernel);
  // Few rows leave registers for more columns, where B does not lie in panels of a given width.
  const wide = Math.max(schedule.columns, tileColumns(family, m.size));
  const columns = schedule.b === "rows" ? wide : schedule.columns;
  const region = (firstPanel: number, panels: number, stored: number): Region => {
    const width = Math.ceil(stored / 4) * 4;
    const steps = (nest: readonly ReducedAxis[], inner: number): readonly ReducedAxis[] => {
      return schedule.b === "rows" ? nest : packedSteps(nest, inner, width);
    };
    const inside = steps(split.inside, 1);
    const outside = steps(split.outside, product(split.inside.map(({ size }) => size)));
    const tiles = partsOf(m.size, Math.ceil(m.size / tileRows(family, width)));
    return { width, columns: stored, firstPanel, panels, tiles, inside, outside };
  };
  const whole = Math.floor(n.size / columns);
  const tail = n.size % columns;
  const regions = [...(whole > 0 ? [region(0, whole, columns)] : []), ...(tail > 0 ? [region(whole, 1, tail)] : [])];
  const sizes = {
    groups: product(groupAxes.map((i) => outer[i]!.size)),
    rows: product(rowAxes.map((i) => outer[i]!.size)),
    tiles: Math.max(0, ...regions.map(({ tiles }) => tiles.count)),
    panels: whole + (tail > 0 ? 1 : 0),
  };
  const empty = Object.values(sizes).includes(0);
  const work = 2 * m.size * n.size * product([...outer, ...k].map(({ size }) => size));
  const bytesOfB = 4 * n.size * product(k.map(({ size }) => size));
  const rowsFirst = sizes.rows > 1 && bytesOfB <= nearBytes && bytesOfB * sizes.groups <= cachedBytes;
  const bytesOfA = footprint(kernel, rowAxes, split.inside, split.blocks);
  const cut = empty ? sizes : cutOf(kernel, sizes, { work, bytesOfA, rowsFirst });
  return {
    groupAxes,
    rowAxes,
    blocks: split.blocks,
    turns: split.blocks * product(split.outside.map(({ size }) => size)),
    columns,
    panels: sizes.panels,
    regions,
    rowsFirst,
    cut,
    chunks: empty ? 0 : cut.groups * cut.rows * cut.tiles * cut.panels,
  };
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}

interface Split {
  readonly outside: readonly ReducedAxis[];
  readonly inside: readonly ReducedAxis[];
  readonly blocks: number;
}

/**
 * Which k axes run within a tile. Beyond what the schedule takes out, axes go outside until what is left is short enough
 * for the cache; the axis at the border is cut into blocks.
 */
function splitReduction({ k, schedule }: ContractionKernel): Split {
  // Sums without terms: one turn that adds nothing.
  if (k.some(({ size }) => size === 0)) return { outside: [], inside: [{ size: 0, a: 0, b: 0 }], blocks: 1 };
  const packed = schedule.b === "panels";
  const outside = merged(k.slice(0, schedule.hoisted), packed);
  let inside = merged(k.slice(schedule.hoisted), packed);
  const longest = packed && Math.abs(inside.at(-1)?.a ?? 1) > 1 ? longestRun.linesOfA : longestRun[schedule.b];
  while (inside.length > 1 && product(inside.slice(1).map(({ size }) => size)) >= longest) {
    outside.push(inside[0]!);
    inside = inside.slice(1);
  }
  const run = product(inside.map(({ size }) => size));
  const blocks = inside.length === 0 ? 1 : Math.min(inside[0]!.size, Math.ceil(run / longest));
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
function packedSteps(axes: readonly ReducedAxis[], inner: number, width: number): readonly ReducedAxis[] {
  return axes.map((axis, i) => ({ ...axis, b: width * inner * product(axes.slice(i + 1).map(({ size }) => size)) }));
}

/** How many bytes of A all rows read in one turn: no more than its terms, and no more than it spans. */
function footprint(
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

type Sizes = Tiling["cut"];

/**
 * Groups are cut first, unless rows are to run through all of them. Then A is cut until a part stays in the cache, and the
 * longer side of what a chunk computes until there are enough chunks: near squares read least for what they compute.
 */
function cutOf(
  { m, n }: ContractionKernel,
  sizes: Sizes,
  { work, bytesOfA, rowsFirst }: { readonly work: number; readonly bytesOfA: number; readonly rowsFirst: boolean },
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
