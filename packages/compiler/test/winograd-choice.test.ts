import type { Spec } from "@steelyard/core";
import { describe, expect, test } from "vitest";
import { operandPadding } from "../src/contraction/lower.ts";
import { choosesWinograd, estimatedGain, type Convolution } from "../src/contraction/winograd-choice.ts";
import { convCall, gradInputCall, type Call } from "./contraction-calls.ts";
import { primitiveOf } from "./placed.ts";
import { chooses, eager, same, slide, specsOf } from "./winograd-cases.ts";
import type { ConvCase } from "./window-cases.ts";

const layer = (images: number, size: number, inputs: number, outputs: number): Convolution => ({
  images,
  rows: size,
  columns: size,
  inputs,
  outputs,
  groups: 1,
  dilation: [1, 1],
});

describe("the estimated gain, 1.2 of which is asked for,", () => {
  // Costs of the tiles of packages/cpu: `wide` and `fma`. Beside it what was measured on one core and on two.
  test.each([
    [layer(8, 56, 64, 64), 2000, 2.1], // 2.0 and 1.9
    [layer(8, 28, 128, 128), 2000, 2.5], // 2.5 and 2.3
    [layer(8, 14, 256, 256), 2000, 1.9], // 1.7 and 1.6
    [layer(8, 80, 32, 64), 2000, 1.7], // 2.0 and 1.7
    [layer(8, 64, 32, 32), 2000, 1.4], // 1.7 and 1.5
    [layer(8, 16, 128, 128), 2000, 2.1], // 2.5 and 1.5
    [layer(1, 14, 256, 256), 2000, 0.7], // 1.0 and 0.9
    [layer(8, 7, 512, 512), 2000, 1.1], // 1.2 and 1.2
    [layer(8, 56, 3, 64), 2000, 0.4],
    [{ ...layer(8, 28, 128, 128), dilation: [2, 2] }, 2000, 2], // 1.9 and 1.8
    [{ ...layer(8, 28, 128, 128), groups: 4 }, 2000, 1.4], // 1.3 and 1.3
    [{ ...layer(8, 28, 128, 128), groups: 8 }, 2000, 0.9], // 1.1 and 1.0
    [layer(8, 56, 64, 64), 1000, 2.8], // 2.5 and 2.2
    [layer(8, 64, 32, 32), 1000, 2.1], // 2.1 and 1.9
    [layer(8, 7, 512, 512), 1000, 1.6], // 1.5 and 1.5
    [{ ...layer(8, 28, 128, 128), groups: 8 }, 1000, 1.4], // 1.3 and 1.2
    [{ ...layer(8, 28, 128, 128), groups: 16 }, 1000, 0.9], // 0.9 and 0.9
  ] as const)("of %o where a transform costs %i operations is %d", (convolution, cost, gain) => {
    expect(estimatedGain(convolution, cost)).toBeCloseTo(gain, 1);
  });
});

const usual = slide(2, [8, 8], 8, 8, [same, same]);

const withAttrs = (changes: Partial<ConvCase["attrs"]>): Call =>
  convCall({ ...usual, attrs: { ...usual.attrs, ...changes } });

describe("Winograd's transforms are for", () => {
  test("3 × 3 taps, forwards and back to the input", () => {
    expect(chooses(convCall(usual))).toBe(true);
    expect(chooses(gradInputCall(usual))).toBe(true);
    expect(chooses(convCall({ ...usual, w: [3, 1, 8, 8] }))).toBe(false);
    expect(chooses(convCall(slide(2, [64], 8, 8, [same])))).toBe(false);
  });

  test("filters that stand at every place, dilated or in groups", () => {
    expect(chooses(withAttrs({ stride: [1, 2] }))).toBe(false);
    expect(chooses(convCall(slide(2, [8, 8], 8, 8, [[2, 2], same], { dilation: [2, 1] })))).toBe(true); // prettier-ignore
    expect(chooses(convCall(slide(2, [8, 8], 8, 8, [same, same], { groups: 2 })))).toBe(true);
  });

  test("targets that ask for them, with panels or without", () => {
    expect(chooses(convCall(usual), { columns: 8, panels: true })).toBe(false);
    expect(chooses(convCall(usual), { ...eager, panels: false })).toBe(true);
  });

  test("tiles that are mostly of use: 5 × 5 of 8 × 8 are, 4 × 1 of 4 × 4 are not", () => {
    expect(chooses(convCall(slide(2, [5, 5], 8, 8, [same, same])))).toBe(true);
    expect(chooses(convCall(slide(2, [4, 1], 8, 8, [same, same])))).toBe(false);
  });

  test("single precision", () => {
    const halves = specsOf(convCall(usual)).map((spec): Spec => ({ ...spec, dtype: "f16" }));
    expect(choosesWinograd({ primitive: primitiveOf("conv"), attrs: usual.attrs }, halves, eager)).toBe(false);
  });
});

/** The zeros after the elements of the input. */
function high(one: ConvCase): readonly number[] | undefined {
  const call = convCall(one);
  return operandPadding({ primitive: primitiveOf("conv"), attrs: call.attrs }, specsOf(call), eager)[0]?.high;
}

test("zeros stand around the input as if the last tiles were whole", () => {
  expect(high(slide(1, [8, 8], 8, 8, [same, same]))).toEqual([0, 1, 1, 0]);
  expect(high(slide(1, [9, 10], 8, 8, [same, same]))).toEqual([0, 4, 3, 0]);
  // Nine rows of outputs count as twelve, and three of zeros are padding.
  expect(high(slide(1, [8, 8], 8, 8, [[0, 3], same]))).toEqual([0, 6, 1, 0]); // prettier-ignore
});
