import { withParts } from "../expression.ts";
import type { Expr, LoopKernel } from "../ir.ts";
import type { Step } from "../lowered.ts";
import type { FreeAxis, Product } from "./product.ts";
import { outputSink, placeAt, type Lowering } from "./sink.ts";
import {
  outputRows,
  planeAt,
  stretchesOf,
  tilesAlong,
  type Axes,
  type Group,
  type Planes,
  type Stretch,
} from "./winograd-tiling.ts";
import { grid, outputTransform, tile } from "./winograd-transforms.ts";

/** The tiles of a group that keep the same outputs. */
interface Part {
  readonly group: Group;
  readonly below: Stretch;
  readonly right: Stretch;
}

/** The kernels of y = Aᵀ·M·A and the epilogue: one for whole tiles, others for those at the edges. */
export function outputKernels(
  product: Product,
  axes: Axes,
  products: Planes,
  group: Group,
  lowering: Lowering,
): readonly Step[] {
  const beside = stretchesOf(axes.columns.size);
  return stretchesOf(outputRows(axes, group)).flatMap((below) =>
    beside.map((right) => partKernel(product, axes, products, { group, below, right }, lowering)),
  );
}

function partKernel(product: Product, axes: Axes, products: Planes, part: Part, lowering: Lowering): Step {
  const { below, right } = part;
  const { start } = product;
  const space = spaceOf(axes, part);
  const share = sharing();
  const outputs = outputTransform(grid(tile.values, (i, j) => loadOf(axes, products, part, i, j)));
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

/** Axes: images, rows of tiles, tiles, filters. */
function spaceOf({ images, rows, columns, filters }: Axes, { group, below, right }: Part): readonly FreeAxis[] {
  return [{ ...images, size: group.images }, tiled(rows, below.tiles), tiled(columns, right.tiles), filters];
}

function tiled(axis: FreeAxis, size: number): FreeAxis {
  return { ...axis, size, c: tile.outputs * axis.c, beside: axis.beside.map((step) => tile.outputs * step) };
}

/** The product at row i and column j of each tile. */
function loadOf(
  { columns, filters }: Axes,
  products: Planes,
  { group, below, right }: Part,
  i: number,
  j: number,
): Expr {
  const row = tilesAlong(columns) * filters.size;
  const first = planeAt(products, i, j) + below.first * row + right.first * filters.size;
  const at = placeAt(first, [group.down * row, row, filters.size, 1], 4);
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
