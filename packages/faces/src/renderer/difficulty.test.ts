import { describe, expect, it } from "vitest";
import { difficulty, difficultyPresets } from "./difficulty.ts";

const { balanced, easyIdentityHardExpression, hardIdentityEasyExpression, noisyExpression } = difficultyPresets;

describe("the presets", () => {
  it("order the identity task from easy to hard in every knob", () => {
    const order = [easyIdentityHardExpression, balanced, hardIdentityEasyExpression];
    for (const [easier, harder] of [order.slice(0, 2), order.slice(1)]) {
      if (easier === undefined || harder === undefined) throw new Error("three presets were listed");
      expect(easier.identitySpread).toBeGreaterThan(harder.identitySpread);
      expect(easier.identityMinDistance).toBeGreaterThan(harder.identityMinDistance);
      expect(easier.light).toBeLessThan(harder.light);
      expect(easier.pose).toBeLessThanOrEqual(harder.pose);
    }
  });

  it("order the expression task the other way", () => {
    const order = [hardIdentityEasyExpression, balanced, easyIdentityHardExpression];
    for (const [easier, harder] of [order.slice(0, 2), order.slice(1)]) {
      if (easier === undefined || harder === undefined) throw new Error("three presets were listed");
      expect(easier.expressionIntensity[0]).toBeGreaterThan(harder.expressionIntensity[0]);
      expect(easier.expressionIntensity[1]).toBeGreaterThanOrEqual(harder.expressionIntensity[1]);
      expect(easier.entanglement).toBeLessThan(harder.entanglement);
    }
  });

  it("let noisyExpression differ from balanced in the label noise alone", () => {
    expect({ ...noisyExpression, expressionLabelNoise: 0 }).toEqual(balanced);
  });

  it("pass the same checks as anyone's knobs", () => {
    for (const preset of [
      "balanced",
      "easyIdentityHardExpression",
      "hardIdentityEasyExpression",
      "noisyExpression",
    ] as const) {
      expect(difficulty(preset, difficultyPresets[preset])).toEqual(difficultyPresets[preset]);
    }
  });
});

describe("difficulty", () => {
  it("turns single knobs and leaves the others", () => {
    const turned = difficulty("balanced", { pose: 5, degradations: { blur: 0.5 } });
    expect(turned).toEqual({ ...balanced, pose: 5, degradations: { ...balanced.degradations, blur: 0.5 } });
  });

  it("refuses knobs outside their range", () => {
    expect(() => difficulty("balanced", { pose: 40 })).toThrow("difficulty: needs pose in [0, 25], got 40");
    expect(() => difficulty("balanced", { expressionIntensity: [0.9, 0.2] })).toThrow(
      "needs expressionIntensity[0] in [0, 0.2]",
    );
    expect(() => difficulty("balanced", { degradations: { blur: Number.NaN } })).toThrow(
      "needs degradations.blur in [0, 1], got NaN",
    );
  });
});
