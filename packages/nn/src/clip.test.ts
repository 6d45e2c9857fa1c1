import { describe, expect, it } from "vitest";
import { tensor } from "@steelyard/core";
import { clipByGlobalNorm } from "./index.ts";

describe("clipByGlobalNorm", () => {
  it("scales all gradients by one factor", async () => {
    const { gradients, norm } = clipByGlobalNorm([tensor([3]), tensor([[4]])], 2.5);
    expect(await norm.item()).toBe(5);
    expect(await Promise.all(gradients.map((g) => g.array()))).toEqual([[1.5], [[2]]]);
  });

  it("leaves short gradients alone, bit for bit, zero included", async () => {
    for (const values of [
      [0.1, -0.3],
      [0, 0],
    ]) {
      const { gradients } = clipByGlobalNorm([tensor(values)], 1);
      expect(await gradients[0]!.data()).toEqual(Float32Array.from(values));
    }
  });

  it("shows an overflow as NaN instead of scaling it away", async () => {
    for (const bad of [Infinity, NaN, 1e30]) {
      const { gradients } = clipByGlobalNorm([tensor([bad]), tensor([1])], 1);
      expect(await gradients[1]!.array()).toEqual([NaN]);
    }
  });

  it("needs a positive bound, and takes an empty list", async () => {
    expect(() => clipByGlobalNorm([], 0)).toThrow("clipByGlobalNorm: needs maxNorm > 0, got 0");
    expect(await clipByGlobalNorm([], 1).norm.item()).toBe(0);
  });
});
