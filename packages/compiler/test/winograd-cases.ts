import type { Spec } from "@steelyard/core";
import { choosesWinograd } from "../src/contraction/winograd-choice.ts";
import type { Target } from "../src/index.ts";
import type { Call } from "./contraction-calls.ts";
import { primitiveOf } from "./placed.ts";
import type { ConvCase } from "./window-cases.ts";

// Convolutions for Winograd's transforms, and a target that uses these wherever they are possible.

export const eager: Target = { columns: 8, panels: true, winograd: { cost: 0, resident: 4000 } };

export const specsOf = ({ ins }: Call): Spec[] => ins.map((shape): Spec => ({ shape, dtype: "f32" }));
export const chooses = (call: Call, target: Target = eager): boolean =>
  choosesWinograd({ primitive: primitiveOf(call.name), attrs: call.attrs }, specsOf(call), target);

/** A convolution of 3 × 3 taps with stride 1; channels and filters are those of one group. */
export function slide(
  n: number,
  sizes: readonly number[],
  c: number,
  o: number,
  padding: readonly [number, number][],
  { dilation = sizes.map(() => 1), groups = 1 }: { dilation?: readonly number[]; groups?: number } = {},
): ConvCase {
  const outputs = sizes.map((size, i) => size + padding[i]![0] + padding[i]![1] - 2 * dilation[i]!);
  return {
    x: [n, ...sizes, groups * c],
    w: [...sizes.map(() => 3), c, groups * o],
    y: [n, ...outputs, groups * o],
    attrs: { stride: sizes.map(() => 1), padding, dilation, groups },
  };
}

/** The padding that keeps the size of an axis. */
export const same: [number, number] = [1, 1];
