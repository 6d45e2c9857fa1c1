import { type Spec } from "@steelyard/core";
import type { Lowerable } from "../lowered.ts";
import type { Target } from "../target.ts";
import type { ConvAttrs } from "./products.ts";
import { tile } from "./winograd-transforms.ts";

// Winograd's products are a quarter, but everything passes through memory on the way to them and back: it pays where
// there are channels enough. The choice is one of shapes alone, since the zeros around the input depend on it.

type Instruction = Pick<Lowerable, "primitive" | "attrs">;

/** By how much it has to be quicker, as is estimated, for what it costs in memory and rounding. */
const leastGain = 1.2;

/** A convolution as sizes. Of an input gradient, what it computes counts as output. */
export interface Convolution {
  readonly images: number;
  readonly rows: number;
  readonly columns: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly groups: number;
  readonly dilation: readonly [rows: number, columns: number];
}

/** Whether an instruction is computed by Winograd's transforms on this target. */
export function choosesWinograd(instruction: Instruction, inSpecs: readonly Spec[], { winograd }: Target): boolean {
  if (winograd === undefined || !hasTransforms(instruction, inSpecs)) return false;
  return estimatedGain(convolutionOf(instruction, inSpecs), winograd.cost) >= leastGain;
}

/** Whether there are transforms for it: 3 × 3 taps at every place, in single precision. */
function hasTransforms({ primitive, attrs }: Instruction, [values, taps]: readonly Spec[]): boolean {
  const { name } = primitive!;
  if (name !== "conv" && name !== "convGradInput") return false;
  const { shape } = taps!;
  if (values!.dtype !== "f32" || shape.length !== 4 || shape[0] !== 3 || shape[1] !== 3) return false;
  return (attrs as unknown as ConvAttrs).stride.every((step) => step === 1);
}

function convolutionOf({ primitive, attrs }: Instruction, inSpecs: readonly Spec[]): Convolution {
  const [images, rows, columns, outputs] = primitive!.infer(inSpecs, attrs).shape as [number, number, number, number];
  const { groups, dilation } = attrs as unknown as ConvAttrs;
  const [down, across] = dilation as [number, number];
  return { images, rows, columns, inputs: inSpecs[0]!.shape[3]!, outputs, groups, dilation: [down, across] };
}

/** A transformed weight is four times a weight; from memory on it costs about twice what another value does. */
const weightCost = 2;

/** The time of direct sums, divided by that of Winograd's; `cost` as in `WinogradTarget`. */
export function estimatedGain(convolution: Convolution, cost: number): number {
  const { images, rows, columns, inputs, outputs, groups, dilation } = convolution;
  const tiles = images * tilesAlong(rows, dilation[0]) * tilesAlong(columns, dilation[1]);
  const weights = (inputs * outputs) / groups;
  const direct = 2 * 9 * images * rows * columns * weights;
  const products = 2 * tile.values ** 2 * tiles * weights;
  const transforms = cost * (tiles * (inputs + outputs) + weightCost * weights);
  return direct / (products + transforms);
}

/** Of all lattices (winograd-tiling.ts), as if they were as large as the largest. */
function tilesAlong(size: number, dilation: number): number {
  return dilation * Math.ceil(size / (dilation * tile.outputs));
}
