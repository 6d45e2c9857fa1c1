import type { ContractionKernel, Expr, LoopKernel, Store } from "../ir.ts";
import type { Step } from "../lowered.ts";
import type { FreeAxis, Product } from "./product.ts";
import { inputSource, placeAt, scratchSink, scratchSource, type Lowering } from "./sink.ts";
import { panelWidth, transformedFilters, type FilterPlanes } from "./winograd-filters.ts";
import { outputKernels } from "./winograd-outputs.ts";
import {
  apart,
  axesOf,
  batchesOf,
  inputsOf,
  latticesOf,
  outputRows,
  outputsOf,
  planeAt,
  tilesAlong,
  tilesOf,
  type Batch,
  type Planes,
} from "./winograd-tiling.ts";
import { grid, inputTransform, tile } from "./winograd-transforms.ts";

// A convolution of 3 × 3 taps in kernels of the two kinds there are (the maths is in winograd-transforms.ts). Tiles of
// 6 × 6 inputs overlap by 2 and give 4 × 4 outputs each; e counts the 36 values of a tile, c channels, o filters:
//
//   U[e, c, o]  = G·g·Gᵀ    a loop over c and o, into panels or rows; a copy of the filters, made once for all who ask
//   V[e, t, c]  = Bᵀ·d·B    a loop over tiles and c
//   M[e, t, o]  = V·U       a contraction, with e as its outer axis and tiles as rows; groups of channels are another
//   y           = Aᵀ·M·A    a loop over tiles and o, with the epilogue
//
// V and M are larger than the images. They belong in the caches, so images are taken a few at a time, or some rows of
// tiles of one: the same kernels at other offsets. So are the lattices that a dilated filter slides over.

const planesOfTile = tile.values ** 2;

/** Adds the kernels of a convolution that `choosesWinograd`. */
export function winograd(product: Product, lowering: Lowering): void {
  const whole = axesOf(product);
  const elementsOfTile = planesOfTile * (inputsOf(whole) + outputsOf(whole));
  const resident = lowering.target.winograd!.resident / elementsOfTile;
  const batches = latticesOf(whole).flatMap((lattice) => {
    return batchesOf(lattice, Math.max(1, Math.floor(resident / tilesAlong(lattice.axes.columns))));
  });
  const most = Math.max(...batches.map(tilesOf));
  const planes = (width: number): Planes => {
    const step = apart(most * width);
    return { source: scratchSource(lowering, planesOfTile * step, "f32"), step };
  };
  const u = transformedFilters(product, whole, lowering);
  const [v, m] = [planes(inputsOf(whole)), planes(outputsOf(whole))];
  const known = new Map<string, readonly Step[]>();
  for (const batch of batches) {
    const { first, axes, image, images, row, down } = batch;
    const key = [images, down, outputRows(batch), axes.columns.size].join();
    const steps = known.get(key) ?? [
      inputStep(product, v, batch, lowering),
      productStep({ v, u, m }, batch, lowering),
      ...outputKernels(product, m, batch, lowering),
    ];
    known.set(key, steps);
    const distance = (of: (axis: FreeAxis) => number): number =>
      image * of(axes.images) +
      first[0] * of(whole.rows) +
      first[1] * of(whole.columns) +
      tile.outputs * row * of(axes.rows);
    lowering.steps.push(...(batches.length === 1 ? steps : steps.map((step) => moved(step, distance))));
  }
}

/** The step at other images, rows and columns; `distance` is how far along an operand these are. */
function moved(step: Step, distance: (of: (axis: FreeAxis) => number) => number): Step {
  const offsets = step.operands.map((operand) => {
    if (operand.kind === "scratch") return 0;
    if (operand.kind === "companion") return distance(({ beside }) => beside[operand.position]!);
    return distance(operand.kind === "in" ? ({ a }) => a : ({ c }) => c);
  });
  return { ...step, offsets };
}

function inputStep({ start }: Product, v: Planes, { axes, images, down }: Batch, lowering: Lowering): Step {
  const { rows, columns, channels } = axes;
  const [across, depth] = [tilesAlong(columns), inputsOf(axes)];
  const steps = [axes.images.a, tile.outputs * rows.a, tile.outputs * columns.a, channels.a];
  const load = (i: number, j: number): Expr => {
    const at = placeAt(start.a + i * rows.a + j * columns.a, steps, 4);
    return { kind: "load", dtype: "f32", buffer: 0, at };
  };
  const stores = inputTransform(grid(tile.values, load)).flatMap((row, i) =>
    row.map((expr, j): Store => {
      const at = placeAt(planeAt(v, i, j), [down * across * depth, across * depth, depth, 1], 4);
      return { buffer: 1, at, expr };
    }),
  );
  const kernel: LoopKernel = {
    kind: "loop",
    name: `inputs of ${lowering.name}`,
    space: [images, down, across, depth],
    reduced: [],
    accumulators: [],
    stores,
    buffers: ["f32", "f32"],
    numbers: [],
  };
  return { kernel, operands: [inputSource(lowering, 0).operand, v.source.operand] };
}

function productStep(
  { v, u, m }: { readonly v: Planes; readonly u: FilterPlanes; readonly m: Planes },
  batch: Batch,
  lowering: Lowering,
): Step {
  const { axes } = batch;
  const { groups, channels, filters } = axes;
  const byGroup = { size: groups.size, a: channels.size, b: u.group, c: filters.size };
  const { expr, buffers, operands, numbers } = scratchSink([v.source, u.source], m.source);
  const { panels, columns } = lowering.target;
  const kernel: ContractionKernel = {
    kind: "contraction",
    name: lowering.name,
    outer: [{ size: planesOfTile, a: v.step, b: u.step, c: m.step }, ...(groups.size > 1 ? [byGroup] : [])],
    m: { size: tilesOf(batch), a: inputsOf(axes), c: outputsOf(axes) },
    n: { size: filters.size, b: 1 },
    k: [{ size: channels.size, a: 1, b: panels ? 0 : panelWidth(axes, lowering.target) }],
    start: { a: 0, b: 0, c: 0 },
    epilogue: expr,
    buffers,
    numbers,
    schedule: { b: panels ? "panels" : "rows", columns },
  };
  return { kernel, operands };
}
