import type { Accumulator, Expr, LoopKernel } from "../ir.ts";
import { denseSteps, type Product } from "./product.ts";
import { outputSink, placeAt, type Lowering, type Source } from "./sink.ts";

// Products that are loops of the second template: those without a tile to fill, and what is done to partial sums.

/** C as a loop over its elements, each a reduction: depthwise convolutions, products with a vector. */
export function directLoop(
  { free, n, sum, start }: Product,
  [a, b]: readonly [Source, Source],
  lowering: Lowering,
): void {
  const axes = [...free, n];
  const space = axes.map(({ size }) => size);
  const rank = space.length + sum.length;
  const load = (buffer: number, source: Source, at: number, steps: readonly number[]): Expr => {
    const loaded: Expr = { kind: "load", dtype: source.dtype, buffer, at: placeAt(at, steps, rank) };
    return source.dtype === "f32" ? loaded : { kind: "cast", dtype: "f32", value: loaded };
  };
  const args = [
    load(
      0,
      a,
      start.a,
      [...axes, ...sum].map((axis) => axis.a),
    ),
    load(
      1,
      b,
      start.b,
      [...axes, ...sum].map((axis) => axis.b),
    ),
  ];
  const product: Accumulator = { op: "sum", dtype: "f32", expr: { kind: "call", dtype: "f32", name: "mul", args } };
  const { expr, buffers, operands, numbers } = outputSink(lowering, [a, b], { axes, starts: start.beside });
  const at = placeAt(
    start.c,
    axes.map(({ c }) => c),
    space.length,
  );
  const kernel: LoopKernel = {
    kind: "loop",
    name: lowering.name,
    space,
    reduced: sum.map(({ size }) => size),
    accumulators: [product],
    stores: [{ buffer: buffers.length - 1, at, expr }],
    buffers,
    numbers,
  };
  lowering.steps.push({ kernel, operands });
}

/**
 * From scratch to the output: `parts` partial sums for each element, one dense [...free, n] behind the other, are added
 * in their order, and the epilogue is applied.
 */
export function finishingLoop({ free, n, start }: Product, parts: number, partial: Source, lowering: Lowering): void {
  const [part, ...steps] = denseSteps([{ size: parts }, ...free, n]);
  // Written in the order in which C lies.
  const axes = [...free, n].map((axis, i) => ({ ...axis, from: steps[i]! })).toSorted((x, y) => y.c - x.c);
  const space = axes.map(({ size }) => size);
  const at = placeAt(0, [...axes.map(({ from }) => from), part!], space.length + 1);
  const { expr, buffers, operands, numbers } = outputSink(lowering, [partial], { axes, starts: start.beside });
  const kernel: LoopKernel = {
    kind: "loop",
    name: `finish ${lowering.name}`,
    space,
    reduced: [parts],
    accumulators: [{ op: "sum", dtype: "f32", expr: { kind: "load", dtype: "f32", buffer: 0, at } }],
    stores: [
      {
        buffer: buffers.length - 1,
        at: placeAt(
          start.c,
          axes.map(({ c }) => c),
          space.length,
        ),
        expr,
      },
    ],
    buffers,
    numbers,
  };
  lowering.steps.push({ kernel, operands });
}
