import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resize } from "./resize.ts";

const sizes = fc.integer({ min: 1, max: 12 });

const mean = (a: ArrayLike<number>): number => Array.from(a).reduce((s, v) => s + v, 0) / a.length;

describe("resize", () => {
  it("keeps a constant image constant at any size", () => {
    fc.assert(
      fc.property(sizes, sizes, sizes, sizes, (height, width, newHeight, newWidth) => {
        const pixels = new Float32Array(height * width).fill(0.75);
        const out = resize({ height, width, channels: 1, pixels }, newHeight, newWidth);
        // The weights of a pixel sum to 1 up to the rounding of a division.
        expect(out.every((v) => Math.abs(v - 0.75) < 1e-6)).toBe(true);
      }),
    );
  });

  it("keeps the mean when it shrinks, ragged sizes included", () => {
    fc.assert(
      fc.property(sizes, sizes, fc.infiniteStream(fc.integer({ min: 0, max: 255 })), (size, smaller, values) => {
        fc.pre(smaller <= size);
        const pixels = Float64Array.from(values.take(size * size));
        // Output is single precision: 255 · 2^-24 per pixel.
        expect(mean(resize({ height: size, width: size, channels: 1, pixels }, smaller))).toBeCloseTo(mean(pixels), 3);
      }),
    );
  });

  it("averages whole blocks, channel by channel", () => {
    const pixels = [1, 10, 3, 30, 5, 50, 7, 70];
    expect([...resize({ height: 2, width: 2, channels: 2, pixels }, 1)]).toEqual([4, 40]);
  });

  it("blurs before it shrinks: a fine checkerboard turns grey, not black or white", () => {
    const pixels = Array.from({ length: 64 }, (_, i) => ((i >> 3) + i) & 1);
    expect([...resize({ height: 8, width: 8, channels: 1, pixels }, 4)]).toEqual(new Array(16).fill(0.5));
  });

  it("interpolates between pixel centres when it grows", () => {
    expect([...resize({ height: 1, width: 2, channels: 1, pixels: [0, 1] }, 1, 4)]).toEqual([0, 0.25, 0.75, 1]);
  });

  it("changes nothing at the same size", () => {
    const pixels = [1, 2, 3, 4, 5, 6];
    expect([...resize({ height: 2, width: 3, channels: 1, pixels }, 2, 3)]).toEqual(pixels);
  });

  it("refuses pixels that do not fill the shape, and empty sizes", () => {
    expect(() => resize({ height: 2, width: 2, channels: 3, pixels: [1] }, 1)).toThrow(
      "resize: needs 2 × 2 × 3 values, got 1",
    );
    expect(() => resize({ height: 1, width: 1, channels: 1, pixels: [1] }, 0)).toThrow(
      "whole number of at least 1, got 0",
    );
    expect(() => resize({ height: 0, width: 0, channels: 1, pixels: [] }, 1)).toThrow("resize: needs image.height");
  });
});
