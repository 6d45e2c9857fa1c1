import type { Expr, LoopKernel } from "../ir.ts";
import { placeAt, scratchSource, type Lowering, type Source } from "./sink.ts";
import { denseSteps, volume, type FreeAxis, type Product } from "./product.ts";

// Panels: the columns of B in strips as wide as a register tile, so that a tile reads one stream from front to back.
//
//   B[k, n], 3 columns a panel:   0 1 2 | 3 4      panel 0: B[0, 0…2] B[1, 0…2] …
//                                                  panel 1: B[0, 3…4] 0 0 B[1, 3…4] 0 0 … (rounded up to 4)
//
// Each index of the free axes along which B moves (batches, groups) has panels of its own.

/** A copy of B in panels. */
export interface Panels {
  readonly source: Source;
  /** From one index to the next, for each of the free axes of the product: 0 where B stands still. */
  readonly steps: readonly number[];
}

/** Adds the kernels that copy B: one for the panels of full width, one for the last panel if it is narrower. */
export function packed(product: Product, b: Source, lowering: Lowering): Panels {
  const { columns } = lowering.target;
  const { n, sum, free } = product;
  const moving = free.filter((axis) => axis.b !== 0);
  const depth = volume(sum);
  const full = Math.floor(n.size / columns);
  const rest = n.size % columns;
  const width = Math.ceil(rest / 4) * 4;
  const each = depth * (full * columns + width);
  const to = scratchSource(lowering, volume(moving) * each, b.dtype);
  if (full > 0)
    copyRegion({ product, moving, each, first: 0, panels: full, width: columns, filled: columns }, b, to, lowering);
  if (rest > 0)
    copyRegion({ product, moving, each, first: full * columns, panels: 1, width, filled: rest }, b, to, lowering);
  const sets = denseSteps(moving, each);
  return { source: to, steps: free.map((axis) => (axis.b === 0 ? 0 : sets[moving.indexOf(axis)]!)) };
}

interface Region {
  readonly product: Product;
  readonly moving: readonly FreeAxis[];
  /** Elements of all panels of one index of `moving`. */
  readonly each: number;
  /** The first column, how many panels there are, and how wide they are; columns from `filled` on are zeros. */
  readonly first: number;
  readonly panels: number;
  readonly width: number;
  readonly filled: number;
}

// Axes of the copy: those along which B moves, panels, the nest of k, columns.
function copyRegion(region: Region, from: Source, to: Source, lowering: Lowering): void {
  const { product, moving, each, first, panels, width, filled } = region;
  const { n, sum, start } = product;
  const depth = volume(sum);
  const space = [...moving.map(({ size }) => size), panels, ...sum.map(({ size }) => size), width];
  const rank = space.length;
  const sources = [...moving.map(({ b }) => b), width * n.b, ...sum.map(({ b }) => b), n.b];
  const targets = [...denseSteps(moving, each), width * depth, ...denseSteps(sum, width), 1];
  const load: Expr = {
    kind: "load",
    dtype: from.dtype,
    buffer: 0,
    at: placeAt(start.b + first * n.b, sources, rank),
  };
  const column = placeAt(0, [...new Array<number>(rank - 1).fill(0), 1], rank);
  const otherwise: Expr = { kind: "constant", dtype: from.dtype, value: 0 };
  const expr: Expr =
    filled === width
      ? load
      : { kind: "guarded", dtype: from.dtype, guards: [{ index: column, size: filled }], value: load, otherwise };
  const kernel: LoopKernel = {
    kind: "loop",
    name: `pack ${lowering.name}`,
    space,
    reduced: [],
    accumulators: [],
    stores: [{ buffer: 1, at: placeAt(first * depth, targets, rank), expr }],
    buffers: [from.dtype, to.dtype],
    numbers: [],
  };
  lowering.steps.push({ kernel, operands: [from.operand, to.operand] });
}
