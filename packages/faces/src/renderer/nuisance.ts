import type { Difficulty } from "./difficulty.ts";
import type { View } from "./geometry.ts";
import type { Colour } from "./raster.ts";
import { randomStream } from "./randomness.ts";

/** Light on the head: direction, evenness and tint. */
export interface Light {
  /** Unit vector towards the light: right, down, towards the viewer. */
  readonly direction: readonly [x: number, y: number, z: number];
  /** Share of light that comes from everywhere, 0..1. */
  readonly ambient: number;
  /** Factor on red, green and blue. */
  readonly tint: Colour;
}

/** Everything in an image that has nothing to do with who it is or what is felt. */
export interface Nuisance {
  readonly view: View;
  readonly light: Light;
  readonly background: { readonly top: Colour; readonly bottom: Colour; readonly blobs: readonly Blob[] };
  readonly clothes: { readonly colour: Colour; readonly collar: Colour; readonly neckline: number };
  readonly glasses: { readonly colour: Colour; readonly dark: boolean } | null;
  /** Pupil shift in pupil distances. */
  readonly gaze: readonly [x: number, y: number];
}

/** A coloured patch of the background, in pupil distances. */
interface Blob {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly colour: Colour;
}

/**
 * Draws the nuisances of one sample. The person's number is only a part of the random key: no trait of the person is at
 * hand here, so background, clothes, light and pose are independent of identity and expression by construction.
 */
export function drawNuisance(seed: number, person: number, sample: number, knobs: Difficulty): Nuisance {
  return {
    view: drawView(seed, person, sample, knobs),
    light: drawLight(seed, person, sample, knobs.light),
    background: drawBackground(seed, person, sample),
    clothes: drawClothes(seed, person, sample),
    ...drawAccessories(seed, person, sample, knobs.glasses),
  };
}

function drawView(seed: number, person: number, sample: number, { pose, degradations }: Difficulty): View {
  const random = randomStream(seed, "pose", person, sample);
  const { jitter, roll } = degradations;
  // The mean of two uniforms: within the limits, and mostly near frontal, as people face a camera.
  const angle = (limit: number): number => (random.uniform(-limit, limit) + random.uniform(-limit, limit)) / 2;
  return {
    yaw: angle(pose),
    pitch: angle(pose),
    roll: angle(30 * roll),
    shift: [random.uniform(-0.3, 0.3) * jitter, random.uniform(-0.3, 0.3) * jitter],
    zoom: 1 + random.uniform(-0.15, 0.15) * jitter,
  };
}

function drawLight(seed: number, person: number, sample: number, level: number): Light {
  const random = randomStream(seed, "light", person, sample);
  const x = random.uniform(-1, 1);
  const y = random.uniform(-1, 0.4);
  const z = random.uniform(0.4, 1);
  const length = Math.sqrt(x * x + y * y + z * z);
  const exposure = 1 + level * random.uniform(-0.3, 0.25);
  const warmth = level * random.uniform(-0.15, 0.15);
  return {
    direction: [x / length, y / length, z / length],
    ambient: 1 - 0.7 * level * random.uniform(0.4, 1),
    tint: [exposure * (1 + warmth), exposure, exposure * (1 - warmth)],
  };
}

function drawBackground(seed: number, person: number, sample: number): Nuisance["background"] {
  const random = randomStream(seed, "background", person, sample);
  const colour = (): Colour => [random.uniform(20, 235), random.uniform(20, 235), random.uniform(20, 235)];
  const blobs = Array.from({ length: 3 }, () => ({
    x: random.uniform(-2, 2),
    y: random.uniform(-1.6, 2),
    radius: random.uniform(0.3, 1),
    colour: colour(),
  }));
  return { top: colour(), bottom: colour(), blobs };
}

function drawClothes(seed: number, person: number, sample: number): Nuisance["clothes"] {
  const random = randomStream(seed, "clothes", person, sample);
  const colour = (): Colour => [random.uniform(10, 240), random.uniform(10, 240), random.uniform(10, 240)];
  return { colour: colour(), collar: colour(), neckline: random.uniform(0, 0.35) };
}

function drawAccessories(
  seed: number,
  person: number,
  sample: number,
  share: number,
): Pick<Nuisance, "glasses" | "gaze"> {
  const random = randomStream(seed, "accessories", person, sample);
  const shade = random.uniform(10, 120);
  const worn = random.chance(share);
  const dark = random.chance(0.15);
  return {
    glasses: worn ? { colour: [shade, shade * 0.9, shade * 0.8], dark } : null,
    gaze: [random.uniform(-0.05, 0.05), random.uniform(-0.03, 0.03)],
  };
}
