import type { ContractionKernel } from "@steelyard/compiler";
import { cutOf, footprint, type Sizes } from "./chunks.ts";
import { tileColumns, tileRows, type Family } from "./families.ts";
import type { Limits } from "./limits.ts";
import { partsOf, type Parts } from "./loops.ts";
import { packedSteps, product, splitReduction, type ReducedAxis } from "./reduction.ts";

// How a contraction is cut: into register tiles, panels, blocks of k and chunks for threads. Numbers alone; nothing in it
// depends on anything but shapes, steps and the family.

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
  readonly cut: Sizes;
  readonly chunks: number;
}

export function tilingOf(kernel: ContractionKernel, family: Family, limits: Limits): Tiling {
  const { outer, m, n, k, schedule } = kernel;
  const axes = outer.map((_, i) => i);
  const groupAxes = axes.filter((i) => outer[i]!.b !== 0);
  const rowAxes = axes.filter((i) => outer[i]!.b === 0);
  const split = splitReduction(kernel, limits);
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
  const rowsFirst = sizes.rows > 1 && bytesOfB <= limits.nearBytes && bytesOfB * sizes.groups <= limits.cachedBytes;
  const bytesOfA = footprint(kernel, rowAxes, split.inside, split.blocks);
  const cut = empty ? sizes : cutOf(kernel, sizes, { work, bytesOfA, rowsFirst }, limits);
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
