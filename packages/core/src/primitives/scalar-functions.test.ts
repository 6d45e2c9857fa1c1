import { describe, expect, test } from "vitest";
import { erfValue, flooredMod, roundHalfToEven, sigmoidValue, softplusValue } from "./scalar-functions.ts";

describe("erf", () => {
  // The nearest f64 to values from mpmath; 4e-16 is two spacings of numbers near 1.
  const known: [number, number][] = [
    [0.1, 0.11246291601828488],
    [0.46875, 0.492613473217938],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3.9, 0.9999999652077514],
    [4.5, 0.999999999803384],
    [5.8, 0.9999999999999998],
  ];

  test("is right to the last digits on all its intervals, and odd", () => {
    for (const [x, expected] of known) {
      expect(Math.abs(erfValue(x) - expected)).toBeLessThanOrEqual(4e-16 * expected);
      expect(erfValue(-x)).toBe(-erfValue(x));
    }
  });

  test("keeps 0, infinities and NaN", () => {
    expect([0, Infinity, -Infinity, NaN, 7].map(erfValue)).toEqual([0, 1, -1, NaN, 1]);
  });
});

describe("stable forms", () => {
  test("sigmoid neither overflows nor loses small values", () => {
    expect([0, 1000, -1000].map(sigmoidValue)).toEqual([0.5, 1, 0]);
    expect(sigmoidValue(-40)).toBe(Math.exp(-40));
  });

  test("softplus is x for large x and e^x for very negative x", () => {
    expect([1000, 0].map(softplusValue)).toEqual([1000, Math.LN2]);
    expect(softplusValue(-40)).toBe(Math.exp(-40));
    expect(softplusValue(NaN)).toBeNaN();
  });

  test("round sends halves to the even side", () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4, -2.6, Infinity].map((x) => roundHalfToEven(x) + 0)).toEqual([
      0,
      2,
      2,
      0,
      -2,
      -2,
      2,
      -3,
      Infinity,
    ]);
    expect(roundHalfToEven(0.49999999999999994)).toBe(0);
  });

  test("mod has the sign of the divisor", () => {
    expect([flooredMod(5, 3), flooredMod(-5, 3), flooredMod(5, -3), flooredMod(-5, -3)]).toEqual([2, 1, -1, -2]);
    expect(flooredMod(-6, 3) + 0).toBe(0);
  });
});
