import type { ContractionKernel } from "@steelyard/compiler";
import { describe, expect, test } from "vitest";
import { bucketOf, productsOf } from "./bucket.ts";

/** A convolution of 3 × 3 on images of so many pixels each way, in rows of pixels with channels in them. */
function convolution(images: number, side: number, channels: number): ContractionKernel {
  const row = (side + 2) * channels;
  return {
    kind: "contraction",
    name: "convolution",
    outer: [
      { size: images, a: (side + 2) * row, b: 0, c: side * side * 64 },
      { size: side, a: row, b: 0, c: side * 64 },
    ],
    m: { size: side, a: channels, c: 64 },
    n: { size: 64, b: 1 },
    k: [
      { size: 3, a: row, b: 3 * channels * 64 },
      { size: 3, a: channels, b: channels * 64 },
      { size: channels, a: 1, b: 64 },
    ],
    start: { a: 0, b: 0, c: 0 },
    epilogue: { kind: "accumulator", dtype: "f32", position: 0 },
    buffers: ["f32", "f32", "f32"],
    numbers: [],
    schedule: { b: "rows", columns: 4 },
  };
}

const inline = (kernel: ContractionKernel, offsets = false): string => bucketOf(kernel, { offsets });

describe("buckets of contractions", () => {
  test("are texts for people", () => {
    expect(inline(convolution(16, 32, 64))).toMatchInlineSnapshot(
      `"f32 × f32 → f32 + 0: 1 of 512 of 32 × 64 over 8 of 64; A 64 1 deep 4; B 1 64 wide 4; C wide 4"`,
    );
    expect(inline(convolution(16, 32, 3))).toMatchInlineSnapshot(
      `"f32 × f32 → f32 + 0: 1 of 512 of 32 × 64 over 8 of 4; A 4 1; B 1 64 wide 4; C wide 4"`,
    );
    expect(inline(convolution(16, 32, 64), true)).toMatchInlineSnapshot(
      `"f32 × f32 → f32 + 0: 1 of 512 of 32 × 64 over 8 of 64; A 64 1; B 1 64; C wide 1"`,
    );
  });

  test("are the same for sizes and steps that are about the same", () => {
    expect(inline(convolution(15, 36, 60))).toBe(inline(convolution(16, 32, 64)));
    // In both, A is read one by one.
    expect(inline(convolution(16, 32, 63))).toBe(inline({ ...convolution(16, 32, 64), start: { a: 1, b: 0, c: 0 } }));
    expect(inline({ ...convolution(16, 32, 64), start: { a: 16, b: 4, c: 64 } })).toBe(inline(convolution(16, 32, 64)));
  });

  test("differ where another half is needed, where nothing can be read in fours, or the other way", () => {
    const kernel = convolution(16, 32, 64);
    const { n, k } = kernel;
    const others = [
      convolution(32, 32, 64),
      convolution(16, 32, 96),
      { ...kernel, start: { a: 1, b: 0, c: 0 } },
      { ...kernel, n: { ...n, b: 64 }, k: k.map((axis) => ({ ...axis, b: axis.b / 64 })) },
      { ...kernel, buffers: ["f16", "f16", "f32"] as const },
      { ...kernel, buffers: ["f32", "f32", "f32", "f32"] as const },
    ].map((each) => inline(each));
    expect(new Set([inline(kernel), inline(kernel, true), ...others]).size).toBe(8);
  });

  test("know how many products are added", () => {
    expect(productsOf(convolution(16, 32, 64))).toBe(16 * 32 * 32 * 64 * 9 * 64);
  });
});
