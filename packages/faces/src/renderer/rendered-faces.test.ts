import { describe, expect, it } from "vitest";
import type { Expression } from "../expressions.ts";
import type { Difficulty } from "./difficulty.ts";
import type { Identity } from "./identity.ts";
import { difficulty } from "./difficulty.ts";
import { drawIdentity } from "./identity.ts";
import { drawNuisance } from "./nuisance.ts";
import { randomStream } from "./randomness.ts";
import { createCanvas } from "./raster.ts";
import { renderFace } from "./render.ts";
import { renderedFaces, renderedFacesSplit } from "./rendered-faces.ts";

const small = { seed: 3, identities: 4, samplesPerIdentity: 9, size: 24 } as const;

/** A short fingerprint of the exact bits (FNV-1a). */
function fingerprint(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const hash = bytes.reduce((h, byte) => Math.imul(h ^ byte, 0x01000193), 0x811c9dc5);
  return (hash >>> 0).toString(16);
}

const unlike = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, v, i) => sum + Math.abs(v - (b[i] ?? 0)), 0) / a.length;

const wrong = (given: Int32Array, truth: Int32Array): number =>
  given.reduce((sum, label, i) => sum + Number(label !== truth[i]), 0) / given.length;

describe("renderedFaces", () => {
  it("gives the same bits for the same options, on every machine", () => {
    expect(renderedFaces(small).images).toEqual(renderedFaces(small).images);
    // The words of this fingerprint are pinned: a change here changes every experiment on these faces.
    expect(fingerprint(renderedFaces(small).images)).toMatchInlineSnapshot(`"a9d5c73d"`);
  });

  it("draws a sample alone exactly as in a batch, in a subset and in the whole", () => {
    const faces = renderedFaces(small);
    const length = 24 * 24 * 3;
    const alone = faces.image(17);
    expect(faces.batch([3, 17]).images.subarray(length)).toEqual(alone);
    expect(faces.subset([17, 2]).image(0)).toEqual(alone);
    expect(faces.images.subarray(17 * length, 18 * length)).toEqual(alone);
  });

  it("leaves a sample as it is when people or samples are added", () => {
    const faces = renderedFaces(small);
    const more = renderedFaces({ ...small, identities: 6, samplesPerIdentity: 20 });
    expect(more.image(1 * 20 + 5)).toEqual(faces.image(1 * 9 + 5));
  });

  it("fills [N, S, S, 3] with numbers in 0..1 at any size", () => {
    for (const size of [8, 31, 48]) {
      const { images } = renderedFaces({ seed: 1, identities: 2, samplesPerIdentity: 7, size });
      expect(images.length).toBe(14 * size * size * 3);
      expect(images.every((v) => v >= 0 && v <= 1)).toBe(true);
    }
  });

  it("labels each image with its person, and the expressions in turn", () => {
    const { identity, expression, expressions, count } = renderedFaces({
      ...small,
      expressions: ["surprise", "neutral"],
    });
    expect(expressions).toEqual(["neutral", "surprise"]);
    expect(count).toBe(36);
    expect([...identity.subarray(7, 11)]).toEqual([0, 0, 1, 1]);
    expect([...expression.subarray(0, 10)]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 0]);
  });

  it("changes labels, never images, with label noise", () => {
    const knobs = { identityLabelNoise: 0.5, expressionLabelNoise: 0.3 };
    const faces = renderedFaces({ ...small, samplesPerIdentity: 500, difficulty: knobs });
    // Standard error √(.25 / 2000) = 0.011; four of them.
    expect(Math.abs(wrong(faces.identity, faces.trueIdentity) - 0.5)).toBeLessThan(0.045);
    expect(Math.abs(wrong(faces.expression, faces.trueExpression) - 0.3)).toBeLessThan(0.045);
    const honest = renderedFaces({ ...small, samplesPerIdentity: 500 });
    expect(faces.image(8)).toEqual(honest.image(8));
    expect(faces.trueExpression).toEqual(honest.expression);
  });

  it("refuses options outside their range, with a hint", () => {
    expect(() => renderedFaces({ identities: 0 })).toThrowErrorMatchingInlineSnapshot(`
      [DataError: renderedFaces: needs identities to be a whole number of at least 1, got 0
        hint: the number of different people]
    `);
    expect(() => renderedFaces({ size: 4 })).toThrow("needs size to be a whole number of at least 8, got 4");
    expect(() => renderedFaces({ seed: 0.5 })).toThrow("needs a safe integer as seed, got 0.5");
    expect(() => renderedFaces({ expressions: ["joy" as Expression] })).toThrow("got joy");
    expect(() => renderedFaces({ preset: "hard" as "balanced" })).toThrow("needs a preset out of balanced");
    expect(() => renderedFaces(small).image(36)).toThrow("needs an index below 36, got 36");
  });
});

describe("renderedFacesSplit", () => {
  const split = renderedFacesSplit({
    seed: 1,
    trainingPeople: 3,
    unseenPeople: 2,
    samplesPerIdentity: 10,
    unseenSamples: 3,
    size: 16,
  });

  it("validates identity on unseen images of the people trained on", () => {
    expect([...new Set(split.train.identity)]).toEqual([0, 1, 2]);
    expect([...new Set(split.identityValidation.identity)]).toEqual([0, 1, 2]);
    expect([split.train.count, split.identityValidation.count]).toEqual([21, 9]);
    const shown = new Set(Array.from({ length: 21 }, (_, i) => fingerprint(split.train.image(i))));
    for (let i = 0; i < 9; i++) expect(shown.has(fingerprint(split.identityValidation.image(i)))).toBe(false);
  });

  it("validates expression on people never trained on", () => {
    expect([...new Set(split.expressionValidation.identity)]).toEqual([3, 4]);
    expect(split.expressionValidation.count).toBe(20);
  });

  it("mistakes people trained on for one another, and never for a person that the learner has no class for", () => {
    const people = { trainingPeople: 3, unseenPeople: 2, samplesPerIdentity: 40, unseenSamples: 10 };
    const noisy = renderedFacesSplit({ ...people, difficulty: { identityLabelNoise: 1 } });
    for (const set of [noisy.train, noisy.identityValidation]) {
      expect(new Set(set.identity)).toEqual(new Set([0, 1, 2]));
      expect(wrong(set.identity, set.trueIdentity)).toBe(1);
    }
    expect(new Set(noisy.expressionValidation.identity)).toEqual(new Set([3, 4]));
    expect(wrong(noisy.expressionValidation.identity, noisy.expressionValidation.trueIdentity)).toBe(1);
  });

  it("refuses to keep every sample back", () => {
    expect(() => renderedFacesSplit({ samplesPerIdentity: 10, unseenSamples: 10 })).toThrow(
      "needs fewer than 10 unseen samples, got 10",
    );
  });
});

describe("renderFace", () => {
  const knobs: Difficulty = difficulty("balanced", { pose: 0, glasses: 0, degradations: { jitter: 0, roll: 0 } });
  const canvas = createCanvas(32);
  const face = (identity: Identity, expression: Expression): Float32Array => {
    const out = new Float32Array(32 * 32 * 3);
    renderFace(canvas, { seed: 6, identity, person: 0, sample: 1, expression, difficulty: knobs }, out);
    return out;
  };
  const [ann, bob] = [0, 1].map((i) => ({
    ...drawIdentity(randomStream(6, "identity", i), 1),
    hairStyle: "cropped" as const,
  }));
  if (ann === undefined || bob === undefined) throw new Error("two people were drawn");

  it("keeps the background when only the person changes", () => {
    const [one, other] = [face(ann, "neutral"), face(bob, "neutral")];
    // The upper corners lie outside every cropped head.
    for (const x of [0, 1, 30, 31]) expect(one.subarray(x * 3, x * 3 + 3)).toEqual(other.subarray(x * 3, x * 3 + 3));
    expect(unlike(one, other)).toBeGreaterThan(0.01);
  });

  it("keeps the hair and the background when only the expression changes", () => {
    const [calm, startled] = [face(ann, "neutral"), face(ann, "surprise")];
    expect(calm.subarray(0, 3 * 32 * 3)).toEqual(startled.subarray(0, 3 * 32 * 3));
    expect(unlike(calm, startled)).toBeGreaterThan(0.004);
  });

  it("leaves no trace of the face painted before", () => {
    const first = face(ann, "fear");
    face(bob, "happiness");
    expect(face(ann, "fear")).toEqual(first);
  });
});

describe("nuisances", () => {
  it("carry no trace of the person: backgrounds vary as much within people as between them", () => {
    const knobs = difficulty("balanced");
    const [persons, samples] = [40, 40];
    const means = Array.from({ length: persons }, (_, p) => {
      const reds = Array.from({ length: samples }, (_s, s) => drawNuisance(1, p, s, knobs).background.top[0]);
      return reds.reduce((sum, v) => sum + v, 0) / samples;
    });
    const grand = means.reduce((sum, v) => sum + v, 0) / persons;
    const between = means.reduce((sum, v) => sum + (v - grand) ** 2, 0) / (persons - 1);
    // For independent uniforms over 215 grey levels the variance of a mean of 40 is 215²/12/40 = 96, within a factor of two
    // for 40 people (chi-squared with 39 degrees of freedom, 1 in 10,000).
    expect(between).toBeGreaterThan(48);
    expect(between).toBeLessThan(192);
  });

  it("stay within the pose limits", () => {
    const knobs = difficulty("balanced");
    const views = Array.from({ length: 500 }, (_, s) => drawNuisance(2, 0, s, knobs).view);
    const yaws = views.map(({ yaw }) => Math.abs(yaw));
    expect(Math.max(...yaws)).toBeLessThanOrEqual(25);
    expect(Math.max(...yaws)).toBeGreaterThan(18);
  });
});
