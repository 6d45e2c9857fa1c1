import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cover, createCanvas, light, paint } from "./raster.ts";

const canvas = createCanvas(8);
const area = (path: readonly number[]): number =>
  cover(canvas, Float64Array.from(path)).share.reduce((sum, share) => sum + share, 0);

describe("cover", () => {
  it("counts whole and part pixels of a rectangle", () => {
    const { left, top, right, bottom, share } = cover(canvas, Float64Array.of(1.5, 1, 3.25, 1, 3.25, 2.5, 1.5, 2.5));
    expect([left, top, right, bottom]).toEqual([1, 1, 4, 3]);
    expect([...share]).toEqual([0.5, 1, 0.25, 0.25, 0.5, 0.125]);
  });

  it("has the area of any triangle inside the picture", () => {
    const corner = fc.double({ min: 0, max: 8, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(corner, corner, corner, corner, corner, corner), ([ax, ay, bx, by, cx, cy]) => {
        const exact = Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2;
        // Double rounding over at most a few dozen pieces of edges.
        expect(area([ax, ay, bx, by, cx, cy])).toBeCloseTo(exact, 9);
      }),
    );
  });

  it("does not mind in which sense the outline runs", () => {
    expect(area([1, 1, 5, 2, 3, 6])).toBeCloseTo(area([3, 6, 5, 2, 1, 1]), 12);
  });

  it("clips shapes that leave the picture on any side", () => {
    expect(area([-5, -5, 20, -5, 20, 20, -5, 20])).toBe(64);
    expect(area([-4, 2, 3, 2, 3, 4, -4, 4])).toBe(6);
    expect(area([5, 6, 30, 6, 30, 9, 5, 9])).toBe(6);
    expect(area([9, 1, 12, 1, 12, 3])).toBe(0);
    expect(area([-9, 1, -5, 1, -5, 3])).toBe(0);
  });

  it("leaves no trace for the next shape", () => {
    area([-3, 0.3, 11, 4.4, 2, 9]);
    expect(canvas.area.every((v) => v === 0)).toBe(true);
  });
});

describe("paint", () => {
  it("blends by coverage, opacity and the shape it is kept within", () => {
    const small = createCanvas(2);
    const all = cover(small, Float64Array.of(0, 0, 2, 0, 2, 2, 0, 2));
    const leftHalf = cover(small, Float64Array.of(0, 0, 0.5, 0, 0.5, 2, 0, 2));
    paint(small, all, [100, 200, 40], 0.5, leftHalf);
    expect([...small.rgb.subarray(0, 6)]).toEqual([25, 50, 10, 0, 0, 0]);
  });

  it("marks what is lit without touching colours", () => {
    const small = createCanvas(2);
    light(small, cover(small, Float64Array.of(0, 0, 1, 0, 1, 1, 0, 1)));
    expect([...small.lit]).toEqual([1, 0, 0, 0]);
    expect(small.rgb.every((v) => v === 0)).toBe(true);
  });
});
