import type { UnitLevels } from "./action-units.ts";
import type { Projection } from "./geometry.ts";
import type { Identity } from "./identity.ts";
import type { Landmarks, Point } from "./landmarks.ts";
import type { Nuisance } from "./nuisance.ts";
import type { Palette } from "./palette.ts";
import type { Canvas, Colour, Coverage } from "./raster.ts";
import { cover, paint } from "./raster.ts";

/** One image in the making: who, how moved, seen how, and the canvas it goes to. */
export interface Portrait {
  readonly canvas: Canvas;
  readonly view: Projection;
  readonly identity: Identity;
  readonly colours: Palette;
  /** Already moved by the action units. */
  readonly landmarks: Landmarks;
  readonly levels: UnitLevels;
  readonly nuisance: Nuisance;
}

/** The pixels inside a closed outline given in face coordinates. */
export function shape({ canvas, view }: Portrait, outline: readonly Point[]): Coverage {
  const path = new Float64Array(outline.length * 2);
  for (const [i, corner] of outline.entries()) view.place(corner, path, 2 * i);
  return cover(canvas, path);
}

/** Paints an outline given in face coordinates. */
export function fill(
  portrait: Portrait,
  outline: readonly Point[],
  colour: Colour,
  opacity = 1,
  within?: Coverage,
): void {
  if (opacity > 0) paint(portrait.canvas, shape(portrait, outline), colour, opacity, within);
}

/** A point in face coordinates. */
export function point(x: number, y: number, z: number): Point {
  return { x, y, z };
}

/** The same outline with left and right exchanged, run through in the same sense. */
export function mirrored(outline: readonly Point[]): readonly Point[] {
  return outline.map(({ x, y, z }) => ({ x: -x, y, z })).toReversed();
}
