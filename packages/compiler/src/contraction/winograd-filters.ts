import type { Expr, LoopKernel, Store } from "../ir.ts";
import type { Target } from "../target.ts";
import type { Product } from "./product.ts";
import { inputSource, placeAt, scratchSource, type Lowering } from "./sink.ts";
import { apart, planeAt, type Axes, type Planes } from "./winograd-tiling.ts";
import { filterTransform, grid, tile } from "./winograd-transforms.ts";

/** Neighbouring panels of one width, as in pack.ts: columns from `filled` on are zeros. */
interface Region {
  readonly first: number;
  readonly panels: number;
  readonly width: number;
  readonly filled: number;
}

/** U, and how many elements it has from one group of channels to the next. */
export interface FilterPlanes extends Planes {
  readonly group: number;
}

/** Columns of a panel of U: a matrix in rows is one panel, as wide as it is, rounded up to 4. */
export function panelWidth({ filters }: Axes, { panels, columns }: Target): number {
  return panels ? columns : Math.ceil(filters.size / 4) * 4;
}

/** Adds the kernels of U = G·g·Gᵀ: each plane a matrix [channels, filters] in panels for each group of channels. */
export function transformedFilters(product: Product, axes: Axes, lowering: Lowering): FilterPlanes {
  const { groups, channels, filters } = axes;
  const columns = panelWidth(axes, lowering.target);
  const panels = Math.floor(filters.size / columns);
  const rest = filters.size % columns;
  const width = Math.ceil(rest / 4) * 4;
  const group = channels.size * (panels * columns + width);
  const step = apart(groups.size * group);
  const planes = { source: scratchSource(lowering, tile.values ** 2 * step, "f32"), step, group };
  const regions: readonly Region[] = [
    { first: 0, panels, width: columns, filled: columns },
    { first: panels * columns, panels: rest > 0 ? 1 : 0, width, filled: rest },
  ];
  const operands = [inputSource(lowering, 1).operand, planes.source.operand];
  for (const region of regions) {
    if (region.panels === 0) continue;
    const kernel = regionKernel(`filters of ${lowering.name}`, product, axes, planes, region);
    lowering.steps.push({ kernel, operands });
  }
  return planes;
}

// Axes: groups, panels, channels, columns of a panel.
function regionKernel(
  name: string,
  { start }: Product,
  { taps, groups, channels, filters }: Axes,
  planes: FilterPlanes,
  { first, panels, width, filled }: Region,
): LoopKernel {
  const [down, across] = taps;
  const depth = channels.size;
  const load = (i: number, j: number): Expr => {
    const from = start.b + first * filters.b + i * down.b + j * across.b;
    const at = placeAt(from, [groups.b, width * filters.b, channels.b, filters.b], 4);
    const value: Expr = { kind: "load", dtype: "f32", buffer: 0, at };
    if (filled === width) return value;
    const guards = [{ index: placeAt(0, [0, 0, 0, 1], 4), size: filled }];
    return { kind: "guarded", dtype: "f32", guards, value, otherwise: { kind: "constant", dtype: "f32", value: 0 } };
  };
  const stores = filterTransform(grid(3, load)).flatMap((row, i) =>
    row.map((expr, j): Store => {
      const at = placeAt(planeAt(planes, i, j) + first * depth, [planes.group, width * depth, width, 1], 4);
      return { buffer: 1, at, expr };
    }),
  );
  const lists = { reduced: [], accumulators: [], buffers: ["f32", "f32"], numbers: [] } as const;
  return { kind: "loop", name, space: [groups.size, panels, depth, width], stores, ...lists };
}
