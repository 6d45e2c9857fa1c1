import type { ContractionKernel } from "../ir.ts";
import { packed } from "./pack.ts";
import { merged, onePoint, type FreeAxis, type Product, type SumAxis } from "./product.ts";
import { type Lowering, type Sink, type SinkSpace, type Source } from "./sink.ts";
import { chooseRows, fewRows, rowsOf } from "./tiling.ts";

/** A single row, where no axis can be m. */
const oneRow: FreeAxis = { size: 1, a: 0, b: 0, c: 0, beside: [] };

/**
 * Adds the kernel of a product, after the kernels that copy B into panels if it is not read where it lies. `sinkOf` says
 * where the sums go, once it is known what the kernel reads and in which order its axes are.
 */
export function contract(
  product: Product,
  [a, b]: readonly [Source, Source],
  lowering: Lowering,
  sinkOf: (lowering: Lowering, sources: readonly Source[], space: SinkSpace) => Sink,
): void {
  const { free, n, start, sum } = product;
  const m = chooseRows(free) ?? { ...oneRow, beside: start.beside.map(() => 0) };
  const outer = free.filter((axis) => axis !== m);
  const inRows = readsRows(product, lowering);
  const panels = inRows ? null : packed(product, b, lowering);
  const stepsOfB = panels === null ? free.map((axis) => axis.b) : panels.steps;
  // Panels hold k after k, whatever the steps in B were: only A decides which axes are one.
  const k = panels === null ? sum : mergedInA(sum);
  const sources = [a, panels === null ? b : panels.source];
  const { expr, buffers, operands, numbers } = sinkOf(lowering, sources, {
    axes: [...outer, m, n],
    starts: start.beside,
  });
  const kernel: ContractionKernel = {
    kind: "contraction",
    name: lowering.name,
    outer: outer.map((axis) => ({ size: axis.size, a: axis.a, b: stepsOfB[free.indexOf(axis)]!, c: axis.c })),
    m: { size: m.size, a: m.a, c: m.c },
    n: { size: n.size, b: panels === null ? n.b : 1 },
    k: k.map((axis) => ({ size: axis.size, a: axis.a, b: axis.b })),
    start: { a: start.a, b: panels === null ? start.b : 0, c: start.c },
    epilogue: expr,
    buffers,
    numbers,
    // A device that knows its caches takes axes out of the tiles, and cuts them, as it likes.
    schedule: { b: inRows ? "rows" : "panels", columns: lowering.target.columns },
  };
  lowering.steps.push({ kernel, operands });
}

function mergedInA(sum: readonly SumAxis[]): SumAxis[] {
  const axes = merged(sum, ({ a }) => [a]).map((axis) => ({ ...axis, b: 0 }));
  return axes.length === 0 ? [onePoint] : axes;
}

function readsRows(product: Product, { target }: Lowering): boolean {
  const { n, inPlace } = product;
  return !target.panels || (n.b === 1 && rowsOf(product) <= (inPlace ? 4 * fewRows : fewRows));
}
