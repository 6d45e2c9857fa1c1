import { gradients, mul, sum, tensor } from "@steelyard/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bounds, f64, fuzz, numbers } from "../../test/support.ts";
import { dynamicDifficulty, naiveDynamic, unitLogits, weighter, weightsFromLogits } from "../index.ts";

const normalised = { logits: "normalised", scale: 1 } as const;
const raw = { logits: "raw", scale: 1 } as const;

/** A batch of logits [N, T]: ordinary ones, huge, tiny and zero ones. */
const logit = fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constantFrom(0, 1e-30, -1e-13, 1e15, -1e15, 1));
const batches = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 6 }))
  .chain(([n, t]) => fc.array(fc.array(logit, { minLength: t, maxLength: t }), { minLength: n, maxLength: n }));

describe("weights from logits", () => {
  it("are positive and add up to 1, raw or normalised", async () => {
    const property = fc.asyncProperty(batches, fc.boolean(), async (a, isRaw) => {
      const w = await numbers(weightsFromLogits(f64(a), isRaw ? raw : normalised));
      expect(Math.min(...w)).toBeGreaterThanOrEqual(0);
      expect(w.reduce((total, each) => total + each, 0)).toBeCloseTo(1, 12);
    });
    await fc.assert(property, fuzz(100));
  });

  it("stay within the clamp when normalised, whatever the logits", async () => {
    const scales = fc.double({ min: 0.1, max: 5, noNaN: true });
    const property = fc.asyncProperty(batches, scales, async (a, scale) => {
      const { low, high } = bounds(a[0]!.length, scale);
      const w = await numbers(weightsFromLogits(f64(a), { logits: "normalised", scale }));
      expect(Math.max(...w)).toBeLessThanOrEqual(high + 1e-12);
      // Beyond a scale of 2.4 the lower bound is another one; see the next test.
      if (scale < 2.4) expect(Math.min(...w)).toBeGreaterThanOrEqual(low - 1e-12);
    });
    await fc.assert(property, fuzz(200));
  });

  it("can get below w_min at large scales, where one leading task makes the last smaller than equal others do", async () => {
    const w = await numbers(weightsFromLogits(f64([[-1, 1, 0]]), { logits: "normalised", scale: 4 }));
    expect(w[0]).toBeLessThan(0.9 * bounds(3, 4).low);
  });

  it.each([2, 3, 4, 5, 6])("reach both bounds of the clamp for %i tasks", async (T) => {
    const { low, high } = bounds(T);
    const towards = (sign: number): number[][] => [Array.from({ length: T }, (_, i) => (i === 0 ? sign * (T - 1) : -sign))]; // prettier-ignore
    expect((await numbers(weightsFromLogits(f64(towards(1)), normalised)))[0]).toBeCloseTo(high, 12);
    expect((await numbers(weightsFromLogits(f64(towards(-1)), normalised)))[0]).toBeCloseTo(low, 12);
  });

  it("saturate at 0.8044 and 0.1956 for two tasks, at 0.6299 and 0.1281 for three", () => {
    expect(bounds(2)).toEqual({ high: expect.closeTo(0.8044, 4), low: expect.closeTo(0.1956, 4) });
    expect(bounds(3)).toEqual({ high: expect.closeTo(0.6299, 4), low: expect.closeTo(0.1281, 4) });
  });

  it("differentiate through the normaliser: J = (I − n·nᵀ)/|a|", async () => {
    const vectors = fc.array(fc.double({ min: 0.1, max: 5, noNaN: true }), { minLength: 2, maxLength: 5 });
    const property = fc.asyncProperty(vectors, fc.boolean(), async (values, flip) => {
      const a = values.map((value, i) => (flip && i % 2 === 0 ? -value : value));
      const length = Math.hypot(...a);
      const n = a.map((each) => each / length);
      const probe = a.map((_, i) => i + 1);
      const at = f64([a]);
      const dA = await numbers(gradients(sum(mul(weightsFromLogits(at, normalised), f64(probe))), [at])[0]!);
      // The same through raw logits at n, then the Jacobian by hand.
      const there = f64([n]);
      const dN = await numbers(gradients(sum(mul(weightsFromLogits(there, raw), f64(probe))), [there])[0]!);
      const along = dN.reduce((total, each, i) => total + each * n[i]!, 0);
      dA.forEach((each, i) => expect(each).toBeCloseTo((dN[i]! - along * n[i]!) / length, 10));
    });
    await fc.assert(property, fuzz(50));
  });

  it("are equal at a = 0, where the normaliser is a/1e-12", async () => {
    const a = f64([[0, 0]]);
    const w = weightsFromLogits(a, normalised);
    expect(await numbers(w)).toEqual([0.5, 0.5]);
    const [dA] = gradients(sum(mul(weightsFromLogits(a, normalised), f64([1, 0]))), [a]);
    // ∂w_1/∂n = w_1·w_2·(1, −1) = (¼, −¼), over 1e-12.
    (await numbers(dA!)).forEach((each, i) => expect(each / [0.25e12, -0.25e12][i]!).toBeCloseTo(1, 12));
  });

  it("are the mean over the batch of each sample's softmax", async () => {
    const property = fc.asyncProperty(batches, async (a) => {
      const each = await Promise.all(a.map((row) => numbers(weightsFromLogits(f64([row]), normalised))));
      const w = await numbers(weightsFromLogits(f64(a), normalised));
      w.forEach((weight, i) => expect(weight).toBeCloseTo(each.reduce((total, row) => total + row[i]!, 0) / a.length, 12)); // prettier-ignore
    });
    await fc.assert(property, fuzz(50));
  });
});

describe("the weight unit", () => {
  it("normalises each sample's flattened features, so that their scale does not matter", async () => {
    const features = f64([[1, 2, 2], [0, 0, 0]]); // prettier-ignore
    const parameters = { weight: f64([[3, 0], [0, 3], [0, 0]]), bias: f64([0, 1]) }; // prettier-ignore
    expect(await unitLogits(features, parameters).array()).toEqual([[1, 3], [0, 1]]); // prettier-ignore
    expect(await unitLogits(features.mul(1e10), parameters).array()).toEqual([[1, 3], [0, 1]]); // prettier-ignore
  });

  it("starts with W truncated normal of deviation 0.1 and b = 0", async () => {
    const unit = weighter(dynamicDifficulty(), { tasks: ["a", "b"], featureShape: [20, 50] }).strategyState;
    const weight = await numbers(unit.weight.value);
    expect([unit.weight.shape, await numbers(unit.bias.value)]).toEqual([[1000, 2], [0, 0]]); // prettier-ignore
    // A normal cut at two deviations has deviation 0.88 of its parent; 2000 draws know it to 2 % or so.
    expect(Math.sqrt(weight.reduce((total, each) => total + each * each, 0) / 2000)).toBeCloseTo(0.088, 2);
    expect(Math.max(...weight.map(Math.abs))).toBeLessThanOrEqual(0.2 + 1e-6);
  });

  it("trains with an RMSProp of its own at learning rate 0.1, or with the optimiser given", () => {
    const tasks = { tasks: ["a", "b"], featureShape: [3] };
    const { optimiser, strategy } = weighter(dynamicDifficulty(), tasks);
    expect(optimiser!.learningRate).toBe(0.1);
    expect(optimiser!.parameters.map(({ name }) => name)).toEqual(["dynamicDifficulty.weight", "dynamicDifficulty.bias"]); // prettier-ignore
    expect(strategy.options).toEqual({
      logits: "normalised",
      scale: 1,
      epsilon: 0.01,
      learningRate: 0.1,
      optimiser: "rmsProp",
      detachWeights: true,
      normalise: "none",
    });
    expect(weighter(naiveDynamic({ learningRate: 0.3 }), tasks).optimiser!.learningRate).toBe(0.3);
  });

  it("is the same for the method and its naive baseline: same key, same first weights", async () => {
    const features = tensor([[1, -2, 3]]);
    const inputs = { losses: tensor([1, 2]), features };
    const options = { tasks: ["a", "b"], featureShape: [3] };
    const first = await weighter(dynamicDifficulty(), options).weigh(inputs).commit();
    const naive = await weighter(naiveDynamic(), options).weigh(inputs).commit();
    expect(naive.weights).toEqual(first.weights);
    expect(naive.objective).not.toBe(first.objective);
  });
});
