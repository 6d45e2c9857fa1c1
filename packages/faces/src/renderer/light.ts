import type { Portrait } from "./portrait.ts";
import type { Trait } from "./identity.ts";
import type { Canvas } from "./raster.ts";
import type { Projection } from "./geometry.ts";
import type { Light } from "./nuisance.ts";
import { noiseField } from "./randomness.ts";
import { mix } from "./raster.ts";
import { fill } from "./portrait.ts";
import { ellipse } from "./geometry.ts";

/**
 * Lights the head as if it were an ellipsoid (Lambert's law), and tints the whole picture with the colour of the light.
 *
 * A flat picture of a face holds no normals; the ellipsoid's are right for the cheeks and the forehead, where light shows.
 */
export function applyLight({ canvas, view, identity, nuisance }: Portrait): void {
  const { size, rgb, lit } = canvas;
  const { tint } = nuisance.light;
  for (let y = 0, pixel = 0; y < size; y++) {
    for (let x = 0; x < size; x++, pixel++) {
      const onHead = lit[pixel] ?? 0;
      const brightness = onHead === 0 ? 1 : mix(1, lambert(view, identity.traits, nuisance.light, x, y), onHead);
      for (let c = 0; c < 3; c++) {
        const at = pixel * 3 + c;
        rgb[at] = (rgb[at] ?? 0) * brightness * (tint[c] ?? 1);
      }
    }
  }
}

function lambert(
  view: Projection,
  traits: Readonly<Record<Trait, number>>,
  { direction, ambient }: Light,
  x: number,
  y: number,
): number {
  const [faceX, faceY] = view.lift(x + 0.5, y + 0.5);
  const [driftX, driftY] = view.drift;
  const normalX = (faceX - driftX) / (traits.cheekWidth * 0.55);
  const normalY = (faceY - driftY - 0.3) / 1.9;
  const flat = normalX * normalX + normalY * normalY;
  // Beyond the silhouette (ears, loose hair) the surface is taken to face sideways.
  const normalZ = Math.sqrt(Math.max(0.04, 1 - flat));
  const facing = normalX * direction[0] + normalY * direction[1] + normalZ * direction[2];
  return ambient + (1 - ambient) * 1.25 * Math.max(0, facing);
}

/** Blotches of the skin, hair and cloth: a coarse random lattice, interpolated, of ±2 % brightness. */
export function applyTexture({ size, rgb, lit }: Canvas, seed: number, person: number, sample: number): void {
  const cells = 9;
  const lattice = noiseField(seed, "texture", person, sample, cells * cells);
  for (let y = 0, pixel = 0; y < size; y++) {
    const v = (y / size) * (cells - 1);
    const row = Math.floor(v);
    for (let x = 0; x < size; x++, pixel++) {
      const u = (x / size) * (cells - 1);
      const column = Math.floor(u);
      const corner = row * cells + column;
      const above = mix(lattice[corner] ?? 0, lattice[corner + 1] ?? 0, u - column);
      const below = mix(lattice[corner + cells] ?? 0, lattice[corner + cells + 1] ?? 0, u - column);
      const factor = 1 + 0.025 * (lit[pixel] ?? 0) * mix(above, below, v - row);
      for (let c = 0; c < 3; c++) rgb[pixel * 3 + c] = (rgb[pixel * 3 + c] ?? 0) * factor;
    }
  }
}

/** A vertical change of colour with a few round patches in front. */
export function paintBackground(portrait: Portrait): void {
  const { canvas, nuisance } = portrait;
  const { size, rgb } = canvas;
  const { top, bottom, blobs } = nuisance.background;
  for (let y = 0, at = 0; y < size; y++) {
    const share = (y + 0.5) / size;
    for (let x = 0; x < size; x++) {
      for (let c = 0; c < 3; c++) rgb[at++] = mix(top[c] ?? 0, bottom[c] ?? 0, share);
    }
  }
  for (const { x, y, radius, colour } of blobs) fill(portrait, ellipse({ x, y, z: 0 }, radius, radius), colour, 0.8);
}
