import { describe, expect, it } from "vitest";
import { noiseField, purposes, randomStream } from "./randomness.ts";
import type { Purpose } from "./randomness.ts";

const first = (seed: number, purpose: Purpose, identity: number, sample?: number): number =>
  randomStream(seed, purpose, identity, sample).uniform();

const moments = (values: ArrayLike<number>): readonly [mean: number, sd: number] => {
  const list = Array.from(values);
  const mean = list.reduce((s, v) => s + v, 0) / list.length;
  return [mean, Math.sqrt(list.reduce((s, v) => s + (v - mean) ** 2, 0) / list.length)];
};

describe("randomStream", () => {
  it("repeats itself for the same key and differs in every part of it", () => {
    expect(first(1, "pose", 2, 3)).toBe(first(1, "pose", 2, 3));
    const others = [first(2, "pose", 2, 3), first(1, "light", 2, 3), first(1, "pose", 3, 3), first(1, "pose", 2, 4)];
    expect(new Set([first(1, "pose", 2, 3), ...others]).size).toBe(5);
  });

  it("tells seeds beyond 32 bits and negative seeds apart", () => {
    expect(new Set([first(1, "pose", 0), first(2 ** 32 + 1, "pose", 0), first(-1, "pose", 0)]).size).toBe(3);
  });

  it("gives every purpose a number of its own", () => {
    const numbers = Object.values(purposes);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it("has uniform, normal and whole numbers of the right moments", () => {
    const random = randomStream(0, "label", 0);
    const draws = 20_000;
    // Standard errors are 1/√draws = 0.007 of the deviation; the bounds are four of them and more.
    const [mean, sd] = moments(Array.from({ length: draws }, () => random.normal()));
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(sd - 1)).toBeLessThan(0.03);
    const uniform = moments(Array.from({ length: draws }, () => random.uniform(2, 4)));
    expect(Math.abs(uniform[0] - 3)).toBeLessThan(0.02);
    expect(Math.abs(uniform[1] - 2 / Math.sqrt(12))).toBeLessThan(0.02);
    const faces = new Set(Array.from({ length: 200 }, () => random.integer(6)));
    expect([...faces].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
  });
});

describe("noiseField", () => {
  it("has mean 0 and deviation 1, and does not repeat the stream of the same key", () => {
    const [mean, sd] = moments(noiseField(3, "texture", 1, 1, 20_000));
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(sd - 1)).toBeLessThan(0.03);
  });

  it("keeps its start when it grows", () => {
    expect(noiseField(3, "texture", 1, 1, 50).subarray(0, 20)).toEqual(noiseField(3, "texture", 1, 1, 20));
  });
});
