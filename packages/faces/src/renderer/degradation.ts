import type { Degradations } from "./difficulty.ts";
import type { Canvas } from "./raster.ts";
import { resize } from "../resize.ts";
import { radians, turn } from "./geometry.ts";
import { noiseField, randomStream } from "./randomness.ts";

/** Damages a finished picture (0..255, in place) in the order in which a camera does; roll and jitter are in the view. */
export function degrade(canvas: Canvas, levels: Degradations, seed: number, person: number, sample: number): void {
  if (levels.occlusion > 0) occlude(canvas, levels.occlusion, seed, person, sample);
  if (levels.blur > 0) blur(canvas, levels.blur);
  if (levels.downUp > 0) shrinkAndGrow(canvas, levels.downUp);
  if (levels.noise > 0) addNoise(canvas, levels.noise, seed, person, sample);
  if (levels.quantisation > 0) quantise(canvas, levels.quantisation);
}

function occlude({ size, rgb }: Canvas, level: number, seed: number, person: number, sample: number): void {
  const random = randomStream(seed, "degradation", person, sample);
  const width = size * 0.5 * level * random.uniform(0.5, 1);
  const height = size * 0.5 * level * random.uniform(0.5, 1);
  const left = Math.round(random.uniform(0, size - width));
  const top = Math.round(random.uniform(0, size - height));
  const colour = [random.uniform(0, 255), random.uniform(0, 255), random.uniform(0, 255)];
  for (let y = top; y < Math.min(size, top + Math.round(height)); y++) {
    for (let x = left; x < Math.min(size, left + Math.round(width)); x++) rgb.set(colour, (y * size + x) * 3);
  }
}

/** Binomial passes [w/4, 1 − w/2, w/4] along both axes: each adds a variance of w/2 pixels²; at level 1 the deviation is size/20. */
function blur({ size, rgb }: Canvas, level: number): void {
  const deviation = (level * size) / 20;
  for (let left = 2 * deviation * deviation; left > 0; left -= 1) {
    const side = Math.min(1, left) / 4;
    for (let line = 0; line < size; line++) {
      smooth(rgb, line * size * 3, 3, size, side);
      smooth(rgb, line * 3, size * 3, size, side);
    }
  }
}

function smooth(rgb: Float64Array, from: number, stride: number, length: number, side: number): void {
  for (let c = from; c < from + 3; c++) {
    let before = rgb[c] ?? 0;
    for (let i = 0, at = c; i < length; i++, at += stride) {
      const here = rgb[at] ?? 0;
      const after = i + 1 < length ? (rgb[at + stride] ?? 0) : here;
      rgb[at] = here + side * (before + after - 2 * here);
      before = here;
    }
  }
}

function shrinkAndGrow({ size, rgb }: Canvas, level: number): void {
  const small = Math.max(1, Math.round(size / (1 + 3 * level)));
  const shrunk = resize({ width: size, height: size, channels: 3, pixels: rgb }, small);
  rgb.set(resize({ width: small, height: small, channels: 3, pixels: shrunk }, size));
}

function addNoise({ rgb }: Canvas, level: number, seed: number, person: number, sample: number): void {
  const field = noiseField(seed, "degradation", person, sample, rgb.length);
  const deviation = 0.25 * 255 * level;
  for (let i = 0; i < rgb.length; i++) rgb[i] = (rgb[i] ?? 0) + deviation * (field[i] ?? 0);
}

const side = 8;

/** The orthonormal cosine transform of eight values: `basis[u][x] = s(u) · cos((2x + 1) u π / 16)`. */
const basis: readonly Float64Array[] = Array.from({ length: side }, (_, u) =>
  Float64Array.from(
    { length: side },
    (_x, x) => Math.sqrt((u === 0 ? 1 : 2) / side) * cosineOfSixteenths((2 * x + 1) * u),
  ),
);

/** cos(n · π / 16) from the first quarter turn, where the series is exact to the last bit or two. */
function cosineOfSixteenths(n: number): number {
  const turned = n % 32;
  const folded = turned > 16 ? 32 - turned : turned;
  return folded > 8 ? -turn(radians((16 - folded) * 11.25)).cos : turn(radians(folded * 11.25)).cos;
}

/** Rounds the cosine coefficients of every 8 × 8 block and channel to steps that grow with frequency, up to 40 + 15 (u + v). */
function quantise({ size, rgb }: Canvas, level: number): void {
  const block = new Float64Array(side * side);
  for (let top = 0; top < size; top += side) {
    for (let left = 0; left < size; left += side) {
      for (let c = 0; c < 3; c++) {
        // A ragged block repeats the last row and column.
        const pixel = (x: number, y: number): number =>
          (Math.min(top + y, size - 1) * size + Math.min(left + x, size - 1)) * 3 + c;
        for (let i = 0; i < block.length; i++) block[i] = rgb[pixel(i % side, Math.floor(i / side))] ?? 0;
        const coefficients = transform(transform(block, false), false);
        for (let i = 0; i < block.length; i++) {
          const step = level * (40 + 15 * ((i % side) + Math.floor(i / side)));
          coefficients[i] = Math.round((coefficients[i] ?? 0) / step) * step;
        }
        const restored = transform(transform(coefficients, true), true);
        for (let y = 0; y < Math.min(side, size - top); y++) {
          for (let x = 0; x < Math.min(side, size - left); x++) rgb[pixel(x, y)] = restored[y * side + x] ?? 0;
        }
      }
    }
  }
}

/** Transforms the rows and transposes, so that twice is the transform of both axes. */
function transform(block: Float64Array, inverse: boolean): Float64Array {
  const out = new Float64Array(block.length);
  for (let y = 0; y < side; y++) {
    for (let u = 0; u < side; u++) {
      let sum = 0;
      for (let x = 0; x < side; x++) {
        const weight = inverse ? basis[x]?.[u] : basis[u]?.[x];
        sum += (weight ?? 0) * (block[y * side + x] ?? 0);
      }
      out[u * side + y] = sum;
    }
  }
  return out;
}

/** Copies the picture out as 0..1. */
export function finish({ rgb }: Canvas, out: Float32Array, at: number): void {
  for (let i = 0; i < rgb.length; i++) out[at + i] = Math.min(1, Math.max(0, (rgb[i] ?? 0) / 255));
}
