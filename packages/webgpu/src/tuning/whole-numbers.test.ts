import type { ContractionKernel } from "@steelyard/compiler";
import { describe, expect, test } from "vitest";
import { wholeNumbers } from "./whole-numbers.ts";

const over = (...sizes: number[]): ContractionKernel =>
  ({ k: sizes.map((size) => ({ size, a: 1, b: 1 })) }) as unknown as ContractionKernel;

const distinct = (dtype: "f32" | "u32" | "bool"): number[] =>
  [...new Set(wholeNumbers(over(10), dtype, 10_000))].toSorted((a, b) => a - b);

describe("whole numbers for trials", () => {
  test("are of both signs, and 0 and 1 for truths", () => {
    expect(distinct("f32")).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4]);
    expect(distinct("u32")).toEqual([0, 1, 2, 3, 4]);
    expect(distinct("bool")).toEqual([0, 1]);
  });

  test("are so small that no sum of their products passes 2²⁴", () => {
    for (const sizes of [[1], [3, 3, 512], [2 ** 20], [2 ** 21], [1024, 3000], [2 ** 23]]) {
      const most = Math.max(...wholeNumbers(over(...sizes), "f32", 1000));
      expect(most).toBeGreaterThan(0);
      expect(most ** 2 * sizes.reduce((product, size) => product * size, 1)).toBeLessThanOrEqual(2 ** 24);
    }
  });
});
