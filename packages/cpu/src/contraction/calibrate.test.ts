import { describe, expect, it } from "vitest";
import { calibrate } from "./calibrate.ts";
import { families, tileColumns, tileRows, validates } from "./families.ts";
import { selfTest } from "./self-test.ts";
import { trialOf } from "./trial.ts";

/** The self-test of a family whose product is off by one at a place. */
function withMistakeAt(place: number): boolean {
  return selfTest(families.plain, (family, m, k, n) => {
    const trial = trialOf(family, m, k, n);
    const run = (): void => {
      trial.run();
      trial.c[place]! += 1;
    };
    return { ...trial, run };
  });
}

describe("families of register tiles", () => {
  it("pass their self-test where the engine knows their instructions", () => {
    for (const family of Object.values(families)) expect(selfTest(family), family.name).toBe(validates(family));
    expect(validates(families.plain)).toBe(true);
  });

  it("fail the self-test when they cannot be made, or a single number comes out wrong", () => {
    expect(selfTest({ ...families.plain, columns: 6 })).toBe(false);
    expect([0, 13 * 31 - 1].map(withMistakeAt)).toStrictEqual([false, false]);
  });

  it("trade rows for columns, and never need more registers than the full tile", () => {
    expect([4, 8, 12, 16].map((columns) => tileRows(families.wide, columns))).toStrictEqual([12, 12, 6, 6]);
    expect([4, 8].map((columns) => tileRows(families.fma, columns))).toStrictEqual([12, 6]);
    expect([1, 2, 3, 4, 6, 7].map((rows) => tileColumns(families.wide, rows))).toStrictEqual([96, 48, 32, 16, 16, 16]);
  });
});

describe("calibration", () => {
  it("measures every family that passes and prefers the fastest", () => {
    const { measurements, best } = calibrate();
    expect(measurements.map(({ family }) => family.name).toSorted()).toStrictEqual(["fma", "plain", "wide"]);
    expect(measurements[0]!.family).toBe(best);
    for (const { gflops } of measurements) expect(gflops).toBeGreaterThan(0);
  });
});
