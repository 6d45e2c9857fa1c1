import { withParts } from "../expression.ts";
import type { Expr, LoopKernel } from "../ir.ts";
import type { Step } from "../lowered.ts";
import type { FreeAxis, Product } from "./product.ts";
import { outputSink, placeAt, type Lowering } from "./sink.ts";
import {
  outputRows,
  outputsOf,
  planeAt,
  stretchesOf,
  strided,
  tilesAlong,
  type Batch,
  type Planes,
  type Stretch,
} from "./winograd-tiling.ts";
import { grid, outputTransform, tile } from "./winograd-transforms.ts";

/** The tiles of a batch that keep the same outputs. */
interface Part {
  readonly batch: Batch;
  readonly below: Stretch;
  readonly right: Stretch;
}

/** The kernels of y = Aᵀ·M·A and the epilogue: one for whole tiles, others for those at the edges. */
export function outputKernels(product: Product, products: Planes, batch: Batch, lowering: Lowering): readonly Step[] {
  const beside = stretchesOf(batch.axes.columns.size);
  return stretchesOf(outputRows(batch)).flatMap((below) =>
    beside.map((right) => partKernel(product, products, { batch, below, right }, lowering)),
  );
}

function partKernel({ start }: Product, products: Planes, part: Part, lowering: Lowering): Step {
  const { batch, below, right } = part;
  const { axes } = batch;
  const space = spaceOf(part);
  const share = sharing();
  const outputs = outputTransform(grid(tile.values, (i, j) => loadOf(products, part, i, j)));
  const stored = outputs.slice(0, below.kept).flatMap((row, i) =>
    row.slice(0, right.kept).map((sum, j) => {
      const from = (origin: number, of: (axis: FreeAxis) => number): number =>
        origin + (tile.outputs * below.first + i) * of(axes.rows) + (tile.outputs * right.first + j) * of(axes.columns);
      const starts = start.beside.map((origin, k) => from(origin, ({ beside }) => beside[k]!));
      const sink = outputSink(lowering, [products.source], { axes: space, starts });
      const steps = space.map(({ c }) => c);
      const at = placeAt(
        from(start.c, ({ c }) => c),
        steps,
        steps.length,
      );
      return { sink, store: { buffer: sink.buffers.length - 1, at, expr: share(sink.expr, sum) } };
    }),
  );
  const { buffers, numbers, operands } = stored[0]!.sink;
  const kernel: LoopKernel = {
    kind: "loop",
    name: `outputs of ${lowering.name}`,
    space: space.map(({ size }) => size),
    reduced: [],
    accumulators: [],
    stores: stored.map(({ store }) => store),
    buffers,
    numbers,
  };
  return { kernel, operands };
}

/** Axes: images, rows of tiles, tiles, filters of all groups. */
function spaceOf({ batch, below, right }: Part): readonly FreeAxis[] {
  const { images, rows, columns, filters } = batch.axes;
  return [
    { ...images, size: batch.images },
    tiled(rows, below.tiles),
    tiled(columns, right.tiles),
    // Groups follow each other as filters do.
    { ...filters, size: outputsOf(batch.axes) },
  ];
}

function tiled(axis: FreeAxis, size: number): FreeAxis {
  return { ...strided(axis, tile.outputs), size };
}

/** The product at row i and column j of each tile. */
function loadOf(products: Planes, { batch, below, right }: Part, i: number, j: number): Expr {
  const width = outputsOf(batch.axes);
  const row = tilesAlong(batch.axes.columns) * width;
  const first = planeAt(products, i, j) + below.first * row + right.first * width;
  const at = placeAt(first, [batch.down * row, row, width, 1], 4);
  return { kind: "load", dtype: "f32", buffer: 0, at };
}

/** Puts sums in the place of the accumulator of epilogues; what these read is one object wherever it is the same. */
function sharing(): (epilogue: Expr, sum: Expr) => Expr {
  const leaves = new Map<string, Expr>();
  const unique = (leaf: Expr): Expr => {
    const key = JSON.stringify(leaf);
    const known = leaves.get(key) ?? leaf;
    leaves.set(key, known);
    return known;
  };
  return (epilogue, sum) => {
    const done = new Map<Expr, Expr>();
    const rewrite = (expr: Expr): Expr => {
      if (expr.kind === "accumulator") return sum;
      const rewritten = withParts(expr, visit);
      return rewritten === expr ? unique(expr) : rewritten;
    };
    const visit = (expr: Expr): Expr => {
      const known = done.get(expr) ?? rewrite(expr);
      done.set(expr, known);
      return known;
    };
    return visit(epilogue);
  };
}
