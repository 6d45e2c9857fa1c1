import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { halfLifeFor, leads, type Point, smooth, thin } from "./series.ts";

const points = (values: readonly number[]): readonly Point[] => values.map((y, x) => ({ x, y }));
const sequence = fc.array(fc.double({ noDefaultInfinity: true }), { minLength: 1, maxLength: 300 });

describe("thin", () => {
  it("keeps the extremes, the order and the limit", () => {
    fc.assert(
      fc.property(sequence, fc.integer({ min: 6, max: 60 }), (values, limit) => {
        const kept = thin(points(values), limit);
        const ys = kept.map((point) => point.y).filter((y) => !Number.isNaN(y));
        const all = values.filter((y) => !Number.isNaN(y));
        expect(kept.length).toBeLessThanOrEqual(limit);
        expect(Math.max(...ys)).toBe(Math.max(...all));
        expect(Math.min(...ys)).toBe(Math.min(...all));
        expect(kept).toEqual(kept.toSorted((a, b) => a.x - b.x));
        expect(kept.some((point) => Number.isNaN(point.y))).toBe(all.length < values.length);
      }),
    );
  });

  it("leaves a short run alone", () => {
    const few = points([1, Number.NaN, 3]);
    expect(thin(few)).toBe(few);
  });

  it("keeps a single spike among 10,000 values", () => {
    const values = Array.from({ length: 10_000 }, (_, i) => (i === 7_777 ? 99 : 1));
    expect(thin(points(values))).toContainEqual({ x: 7_777, y: 99 });
  });
});

describe("smooth", () => {
  it("is a mean: constants stay, and nothing leaves the range of the values", () => {
    expect(smooth([2, 2, 2], 5)).toEqual([2, 2, 2].map((y) => expect.closeTo(y, 12)));
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1 }), (values) => {
        // The sums have up to 100 terms of size 1, each rounded to 2⁻⁵³.
        for (const y of smooth(values, 3))
          expect(Math.abs(y)).toBeLessThanOrEqual(Math.max(...values.map(Math.abs)) + 1e-13);
      }),
    );
  });

  it("weighs a neighbour one half-life away by a half, on both sides", () => {
    // Weights 1/2, 1, 1/2.
    expect(smooth([0, 1, 0], 1)[1]).toBeCloseTo(1 / 2, 12);
    expect(smooth([1, 0, 0], 1)[1]).toBeCloseTo(1 / 4, 12);
  });

  it("leaves a crossing where it is", () => {
    const step = Array.from({ length: 101 }, (_, i) => (i < 50 ? 0 : i === 50 ? 0.5 : 1));
    expect(smooth(step, 10)[50]).toBeCloseTo(0.5, 12);
  });

  it("skips what is not finite and keeps it as a gap", () => {
    const smoothed = smooth([1, Number.NaN, 1, Number.POSITIVE_INFINITY, 1], 2);
    expect(smoothed.map(Number.isFinite)).toEqual([true, false, true, false, true]);
    expect(smoothed[4]).toBeCloseTo(1, 12);
  });

  it("has a half-life in proportion to the run, at least one", () => {
    expect([0, 1, 800, 10_000].map(halfLifeFor)).toEqual([1, 1, 10, 125]);
  });
});

describe("leads", () => {
  it("lists the first leader and every change, but not a difference below the margin", () => {
    const first = [0.5, 0.6, 0.505, 0.495, 0.3, 0.6];
    const found = leads([10, 20, 30, 40, 50, 60], [first, first.map((w) => 1 - w)]);
    expect(found).toEqual([
      { step: 20, to: 0 },
      { step: 50, to: 1 },
      { step: 60, to: 0 },
    ]);
  });

  it("finds none for a single task or for numbers that are not", () => {
    expect(leads([1], [[1]])).toEqual([]);
    expect(leads([1], [[Number.NaN], [1]])).toEqual([]);
  });
});
