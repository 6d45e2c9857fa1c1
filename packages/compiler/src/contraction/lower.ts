import { sizeOf, type Spec } from "@steelyard/core";
import type { Epilogue, Lowerable, Lowered } from "../lowered.ts";
import type { Target } from "../target.ts";
import type { View } from "../view.ts";
import { contract } from "./contract.ts";
import { directLoop, finishingLoop } from "./loops.ts";
import { denseSteps, simplified, volume, type FreeAxis, type Product } from "./product.ts";
import { bordersOf, productsOf } from "./products.ts";
import { inputSource, loweringOf, outputSink, scratchSink, scratchSource, type Lowering } from "./sink.ts";
import { choosesWinograd } from "./winograd-choice.ts";
import { tile } from "./winograd-transforms.ts";
import { winograd } from "./winograd.ts";
import { fewRows, rowsOf, splitSum } from "./tiling.ts";

/** How many zeros stand before and after the elements, for each axis of an operand. */
export interface Padding {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/**
 * The zeros that have to stand around each input, so that the kernels never read outside: the lowering addresses them
 * as the elements with negative or too large indices. Null: none.
 */
export function operandPadding(
  instruction: Pick<Lowerable, "primitive" | "attrs">,
  inSpecs: readonly Spec[],
  target: Target,
): readonly (Padding | null)[] {
  const { shape } = instruction.primitive!.infer(inSpecs, instruction.attrs);
  const shapes = inSpecs.map((spec) => spec.shape);
  const along = choosesWinograd(instruction, inSpecs, target) ? tile.outputs : 1;
  return bordersOf(instruction, shapes, shape, along).map((borders) => {
    if (borders === null || borders.every(({ low, high }) => low === 0 && high === 0)) return null;
    return { low: borders.map(({ low }) => low), high: borders.map(({ high }) => high) };
  });
}

/**
 * A dot, conv, convGradInput or convGradFilter as kernels. The views give the place of element [0, …, 0] of each value;
 * around it lie the zeros of `operandPadding`. Any steps will do: transposed and strided operands are read in place.
 */
export function lowerContraction(
  instruction: Lowerable,
  ins: readonly View[],
  out: View,
  epilogue: Epilogue | null,
  target: Target,
): Lowered {
  const lowering = loweringOf(instruction, epilogue, target);
  if (sizeOf(out.shape) > 0) {
    const companions = epilogue?.companions.map(({ view }) => view) ?? [];
    const inSpecs = ins.map(({ shape }): Spec => ({ shape, dtype: instruction.dtype }));
    const lower = choosesWinograd(instruction, inSpecs, target) ? winograd : lowerProduct;
    for (const product of productsOf(instruction, ins, out, companions)) lower(product, lowering);
  }
  return { steps: lowering.steps, scratch: lowering.scratch };
}

function lowerProduct(product: Product, lowering: Lowering): void {
  if (volume(product.free) * product.n.size === 0) return;
  const whole = simplified(product);
  const [a, b] = [inputSource(lowering, 0), inputSource(lowering, 1)];
  if (isDirect(whole)) return directLoop(whole, [a, b], lowering);
  const turns = wantsExchange(whole, lowering.target);
  const turned = turns ? exchanged(whole) : whole;
  const { product: parted, count: parts } = splitSum(turned, lowering.target);
  if (!turns && parts === 1 && whole.n.c === 1) return contract(whole, [a, b], lowering, outputSink);
  const partial = scratchSource(lowering, volume(parted.free) * parted.n.size, "f32");
  contract(simplified(intoScratch(parted)), turns ? [b, a] : [a, b], lowering, (_, sources) =>
    scratchSink(sources, partial),
  );
  finishingLoop(turned, parts, partial, lowering);
}

/** Without a register tile to fill a loop is better: a single row or column, and groups that are narrower than vectors. */
function isDirect(product: Product): boolean {
  const { n, sum, grouped } = product;
  if (volume(sum) === 0 || n.size === 1) return true;
  return (grouped && n.size < 4) || (rowsOf(product) === 1 && n.b !== 1);
}

/**
 * Cᵀ = Bᵀ·Aᵀ: with few rows of A, and a B whose rows are its columns, copying B into panels would cost as much as the
 * product. Exchanged, B is read in place and the few rows are what is copied.
 */
function wantsExchange(product: Product, { panels }: Target): boolean {
  const { n, free, inPlace } = product;
  if (!panels || inPlace || n.b === 1) return false;
  const rows = rowsOf(product);
  return free.filter(({ b }) => b === 0).length === 1 && rows <= fewRows && rows < n.size;
}

function swapped<Steps extends { readonly a: number; readonly b: number }>(steps: Steps): Steps {
  return { ...steps, a: steps.b, b: steps.a };
}

function exchanged(product: Product): Product {
  const { free, n, sum, start } = product;
  const rows = free.findIndex(({ b }) => b === 0);
  return {
    ...product,
    free: [...free.toSpliced(rows, 1), n].map(swapped),
    n: swapped(free[rows]!),
    sum: sum.map(swapped),
    start: swapped(start),
  };
}

/** The product with its sums in scratch memory, dense and in the order of its axes. */
function intoScratch(product: Product): Product {
  const axes = [...product.free, product.n];
  const steps = denseSteps(axes);
  const dense = axes.map((axis, i): FreeAxis => ({ ...axis, c: steps[i]!, beside: [] }));
  return { ...product, free: dense.slice(0, -1), n: dense.at(-1)!, start: { ...product.start, c: 0, beside: [] } };
}
