import { describe, expect, it } from "vitest";
import { checkpoint, gradients, ones, random, tensor, type Tensor } from "@steelyard/core";
import { Dropout, evaluate, Sequential, train } from "./index.ts";

const mode = train(random.key(3));
const x = ones([20_000]);
const draw = async (y: Tensor): Promise<number[]> => [...(await y.data())];

describe("Dropout", () => {
  it("drops the given share and keeps the expected value", async () => {
    const y = await draw(new Dropout(0.25).forward(x, mode));
    const kept = Math.fround(1 / 0.75);
    expect(y.every((v) => v === 0 || v === kept)).toBe(true);
    // The mean of 20,000 draws deviates by √(0.25/0.75/20,000) = 0.004; five of these.
    expect(Math.abs(y.reduce((sum, v) => sum + v, 0) / y.length - 1)).toBeLessThan(0.02);
  });

  it("is the identity in evaluation and at rate 0", () => {
    expect(new Dropout(0.5).forward(x, evaluate)).toBe(x);
    expect(new Dropout(0).forward(x, mode)).toBe(x);
  });

  it("draws the same mask from the same key and another one from another", async () => {
    const seeds = [1, 1, 2].map((seed) => train(random.key(seed)));
    const [one, same, other] = await Promise.all(seeds.map((each) => draw(new Dropout(0.5).forward(x, each))));
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
  });

  it("draws different masks in different layers of one network", async () => {
    const drop = new Dropout(0.5);
    const both = new Sequential([drop, drop]).forward(x, mode);
    const survivors = (await draw(both)).filter((v) => v > 0).length / 20_000;
    // Independent masks leave a quarter, equal ones a half.
    expect(survivors).toBeCloseTo(0.25, 1);
  });

  it("draws its mask again when a checkpoint computes it again", async () => {
    const drop = new Dropout(0.5);
    const y = checkpoint((z) => drop.forward(z, mode).square())(x);
    const [d] = gradients(y.sum(), [x]);
    const [value, slope] = await Promise.all([draw(y), draw(d!)]);
    // (m·x/½)² has value 4m and slope 8m at x = 1.
    expect(slope).toEqual(value.map((v) => 2 * v));
  });

  it("keeps what it drops out of the result, infinities included", async () => {
    const y = await draw(new Dropout(0.5).forward(tensor([Infinity, Infinity, Infinity, Infinity]), mode));
    expect(y.some((v) => Number.isNaN(v))).toBe(false);
  });

  it("refuses rates outside [0, 1)", () => {
    expect(() => new Dropout(1)).toThrow("Dropout: needs a rate in [0, 1), got 1");
  });
});
