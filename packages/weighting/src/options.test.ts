import { describe, expect, it } from "vitest";
import { dynamicDifficulty, equal, fixed, naiveDynamic, oneOf, positive, readOptions } from "./index.ts";

describe("options of strategies", () => {
  it("fall back to their defaults one by one", () => {
    const rules = { temperature: positive(2), mode: oneOf("mean", "sum") };
    expect(readOptions("mine", { mode: "sum" }, rules)).toEqual({ temperature: 2, mode: "sum" });
    expect(readOptions("mine", {}, rules)).toEqual({ temperature: 2, mode: "mean" });
  });

  it("are refused by a wrong name, and the right ones are listed", () => {
    const misspelt = { epsilom: 0.1 } as object;
    expect(() => dynamicDifficulty(misspelt)).toThrowErrorMatchingInlineSnapshot(
      `[UsageError: dynamicDifficulty: needs options among logits, scale, normalise, learningRate, optimiser, detachWeights, epsilon, got epsilom]`,
    );
    expect(() => naiveDynamic({ epsilon: 0.1 } as object)).toThrow("naiveDynamic: needs options among logits, scale, ");
    expect(() => equal(misspelt as Record<string, never>)).toThrowErrorMatchingInlineSnapshot(
      `[UsageError: equal: needs no options, got epsilom]`,
    );
  });

  it("are refused by a wrong value, and the right ones are described", () => {
    expect(() => dynamicDifficulty({ logits: "softmax" as "raw" })).toThrowErrorMatchingInlineSnapshot(
      `[UsageError: dynamicDifficulty: needs logits to be "normalised" or "raw", got "softmax"]`,
    );
    expect(() => dynamicDifficulty({ epsilon: 0 })).toThrow("epsilon to be a finite number > 0, got 0");
    expect(() => dynamicDifficulty({ scale: NaN })).toThrow("scale to be a finite number > 0, got NaN");
    expect(() => fixed({ weights: [1, Infinity] })).toThrow("weights to be finite numbers, one for each task");
  });
});
