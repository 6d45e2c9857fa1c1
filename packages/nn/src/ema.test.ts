import { describe, expect, it } from "vitest";
import { step, Variable, type Tensor } from "@steelyard/core";
import { ema, snapshot } from "./index.ts";

/** p takes the values 2 and 4; with d = ½ the sums are 1 and 2.5, the weights ½ and ¾, the means 2 and 10/3. */
async function trained(): Promise<{ p: Variable; average: ReturnType<typeof ema> }> {
  const p = new Variable([0], { name: "p" });
  const average = ema([p], 0.5);
  for (const value of [2, 4]) {
    p.assign(p.value.mul(0).add(value));
    average.update();
    await step();
  }
  return { p, average };
}
const valueOf = async ([a]: readonly Tensor[]): Promise<number> => (await a!.data())[0]!;

describe("ema", () => {
  it("is the weighted mean of the values committed in the same step", async () => {
    const { average } = await trained();
    expect(await valueOf(average.averages())).toBeCloseTo(10 / 3, 6);
  });

  it("is the parameter itself before the first update", async () => {
    expect(await valueOf(ema([new Variable([5])], 0.9999).averages())).toBe(5);
  });

  it("forgets nothing of its precision at a decay of 0.9999", async () => {
    const p = new Variable([3]);
    const average = ema([p], 0.9999);
    average.update();
    await step();
    expect(await valueOf(average.averages())).toBeCloseTo(3, 5);
  });

  it("lends its values to the parameters while work runs, and gives the trained ones back", async () => {
    const { p, average } = await trained();
    const seen = await average.swapped(() => valueOf([p.value]));
    expect(seen).toBeCloseTo(10 / 3, 6);
    expect(await valueOf([p.value])).toBe(4);
    await expect(average.swapped(() => Promise.reject(new Error("test failed")))).rejects.toThrow("test failed");
    expect(await valueOf([p.value])).toBe(4);
  });

  it("cannot be updated or swapped inside a swap", async () => {
    const { average } = await trained();
    await expect(average.swapped(async () => average.update())).rejects.toThrow("update outside of swapped");
    await expect(average.swapped(() => average.swapped(async () => 1))).rejects.toThrow("one swap at a time");
  });

  it("has its state in a tree", async () => {
    const { average } = await trained();
    expect(await snapshot(average.slots)).toEqual({
      "average.p": Float32Array.of(2.5),
      "count.time": Float32Array.of(2),
    });
  });
});
