import { describe, expect, it } from "vitest";
import { gradients, step, tensor, Variable } from "@steelyard/core";
import { centerLoss, labels } from "./index.ts";

const centres = (): Variable => new Variable([[0], [0], [7]], { name: "centres", trainable: false });
const embedding = tensor([[1], [3], [5]]);
const y = labels([0, 0, 1], 3);

describe("centerLoss", () => {
  it("is half the mean squared distance to the centre; its gradient pulls towards it", async () => {
    const loss = centerLoss(embedding, y, centres(), { rate: 0 });
    const [d] = gradients(loss, [embedding]);
    const [value, slope] = await Promise.all([loss.item(), d!.data()]);
    expect(value).toBeCloseTo((1 + 9 + 25) / 6, 6);
    [1 / 3, 1, 5 / 3].forEach((pull, i) => expect(slope[i]).toBeCloseTo(pull, 6));
  });

  it("moves each centre by the rate towards the mean of its samples, and no other", async () => {
    const c = centres();
    await step(centerLoss(embedding, y, c));
    // Class means 2 and 5, half way from 0; class 2 has no sample.
    expect(await c.value.array()).toEqual([[1], [2.5], [7]]);
  });

  it("lands on the class mean at rate 1", async () => {
    const c = centres();
    await step(centerLoss(embedding, y, c, { rate: 1 }));
    expect(await c.value.array()).toEqual([[2], [5], [7]]);
  });

  it("does not see masked samples", async () => {
    const c = centres();
    const wild = tensor([[1], [NaN], [5]]);
    const mask = tensor([1, 0, 0], { dtype: "bool" });
    const loss = centerLoss(wild, tensor([0, 99, 1], { dtype: "i32" }), c, { mask });
    await step(loss);
    expect(await loss.item()).toBe(0.5);
    expect(await c.value.array()).toEqual([[0.5], [0], [7]]);
  });

  it("gives the centres no gradient, and records nothing at rate 0", async () => {
    const c = centres();
    const [d] = gradients(centerLoss(embedding, y, c, { rate: 0 }), [c]);
    expect(await d!.array()).toEqual([[0], [0], [0]]);
    await step();
    expect(c.version).toBe(0);
  });

  it("says which shapes it needs", () => {
    expect(() => centerLoss(tensor([[1, 2]]), labels([0], 3), centres())).toThrow(
      "centerLoss: needs embedding [N, D], centres [classes, D], labels [N] and, if any, a mask [N], got [1, 2], [3, 1], [1]",
    );
  });
});
