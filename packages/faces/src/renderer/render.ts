import type { Expression } from "../expressions.ts";
import type { Difficulty } from "./difficulty.ts";
import type { Identity } from "./identity.ts";
import type { Canvas } from "./raster.ts";
import { addUnits, displace, drawRestingUnits, drawUnits } from "./action-units.ts";
import { degrade, finish } from "./degradation.ts";
import { paintFeatures, paintGlasses } from "./features.ts";
import { projection } from "./geometry.ts";
import { paintBeard, paintFrontHair, paintHead } from "./head.ts";
import { outlineDepth, restingLandmarks } from "./landmarks.ts";
import { applyLight, applyTexture, paintBackground } from "./light.ts";
import { drawNuisance } from "./nuisance.ts";
import { palette } from "./palette.ts";
import { randomStream } from "./randomness.ts";

/** What one image shows; the same request always gives the same pixels. */
export interface FaceRequest {
  readonly seed: number;
  readonly identity: Identity;
  /** The person's and the sample's number: with the seed, the key of everything random in the image. */
  readonly person: number;
  readonly sample: number;
  readonly expression: Expression;
  readonly difficulty: Difficulty;
}

/**
 * Renders one stylised face into `out` from `at` on: RGB, `[size, size, 3]`, 0..1, with `size` that of the canvas.
 *
 * The expression and its strength have a random stream of their own, so two requests that differ in the expression alone
 * differ in the face alone: same pose, light, background and noise.
 */
export function renderFace(canvas: Canvas, request: FaceRequest, out: Float32Array, at = 0): void {
  const { seed, identity, person, sample, expression, difficulty } = request;
  const feeling = randomStream(seed, "expression", person, sample);
  const [low, high] = difficulty.expressionIntensity;
  const shown = drawUnits(expression, feeling.uniform(low, high), feeling);
  const resting = drawRestingUnits(difficulty.entanglement, randomStream(seed, "restingFace", person));
  const levels = addUnits(shown, resting);
  const landmarks = restingLandmarks(identity);
  displace(landmarks, levels);
  const nuisance = drawNuisance(seed, person, sample, difficulty);
  const view = projection(nuisance.view, canvas.size, outlineDepth);
  const portrait = { canvas, view, identity, colours: palette(identity.traits), landmarks, levels, nuisance };

  canvas.lit.fill(0);
  paintBackground(portrait);
  paintHead(portrait);
  paintBeard(portrait);
  paintFeatures(portrait);
  paintFrontHair(portrait);
  paintGlasses(portrait);
  applyLight(portrait);
  applyTexture(canvas, seed, person, sample);
  degrade(canvas, difficulty.degradations, seed, person, sample);
  finish(canvas, out, at);
}
