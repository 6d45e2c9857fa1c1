import { describe, expect, it } from "vitest";
import type { DifficultyOptions, DifficultyPreset } from "../src/index.ts";
import { linearBaseline, renderedFacesSplit } from "../src/index.ts";

interface Accuracy {
  readonly identity: number;
  readonly expression: number;
}

/** Accuracy of the linear baseline on both tasks, each on its own validation set. */
function linearAccuracy(preset: DifficultyPreset, difficulty: DifficultyOptions = {}): Accuracy {
  const options = { trainingPeople: 12, unseenPeople: 8, samplesPerIdentity: 56, unseenSamples: 14, size: 16 };
  const { train, identityValidation, expressionValidation } = renderedFacesSplit({
    seed: 2,
    preset,
    difficulty,
    ...options,
  });
  const identity = linearBaseline(train.images, train.identity, 12, { penalty: 0.3 });
  const expression = linearBaseline(train.images, train.expression, 7, { penalty: 0.3 });
  return {
    identity: identity.accuracy(identityValidation.images, identityValidation.trueIdentity),
    expression: expression.accuracy(expressionValidation.images, expressionValidation.trueExpression),
  };
}

describe("the difficulty of rendered faces, measured by a linear classifier on pixels", () => {
  it("is balanced by default: both tasks far above chance, neither solved", () => {
    const { identity, expression } = linearAccuracy("balanced");
    expect(identity).toBeGreaterThan(0.4); // chance 0.08
    expect(identity).toBeLessThan(0.95);
    expect(expression).toBeGreaterThan(0.22); // chance 0.14
    expect(expression).toBeLessThan(0.8);
  });

  it("moves from one task to the other with the named presets", () => {
    const easyIdentity = linearAccuracy("easyIdentityHardExpression");
    const balanced = linearAccuracy("balanced");
    const hardIdentity = linearAccuracy("hardIdentityEasyExpression");
    expect(easyIdentity.identity).toBeGreaterThan(balanced.identity);
    expect(balanced.identity).toBeGreaterThan(hardIdentity.identity);
    expect(easyIdentity.expression).toBeLessThan(balanced.expression);
    expect(balanced.expression).toBeLessThan(hardIdentity.expression);
  });

  it("falls along each knob of identity", () => {
    const along = [1.2, 0.6, 0.2].map(
      (identitySpread) => linearAccuracy("balanced", { identitySpread, identityMinDistance: 0 }).identity,
    );
    expect(along).toEqual(along.toSorted((a, b) => b - a));
    expect(along[0]).toBeGreaterThan((along[2] ?? 1) + 0.1);
  });

  it("falls along each knob of expression", () => {
    const intensity = [1, 0.5, 0.1].map(
      (level) => linearAccuracy("balanced", { expressionIntensity: [level, level] }).expression,
    );
    expect(intensity).toEqual(intensity.toSorted((a, b) => b - a));
    const noise = [0, 0.4, 0.8].map(
      (expressionLabelNoise) => linearAccuracy("balanced", { expressionLabelNoise }).expression,
    );
    expect(noise).toEqual(noise.toSorted((a, b) => b - a));
  });
});
