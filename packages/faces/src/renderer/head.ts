import type { HairStyle } from "./identity.ts";
import type { Point } from "./landmarks.ts";
import type { Portrait } from "./portrait.ts";
import { closedCurve, ellipse } from "./geometry.ts";
import { outlineDepth } from "./landmarks.ts";
import { fill, mirrored, point, shape } from "./portrait.ts";
import { light, mixColour, paint } from "./raster.ts";

interface HairShape {
  /** Added width and height, as a share of the person's hair volume. */
  readonly volume: number;
  /** Where the hair beside the face ends. */
  readonly sideY: number;
  /** How far the hair covers the forehead below the hairline, in pupil distances. */
  readonly fringe: number;
  /** Where the hair behind the face ends; null where none is seen. */
  readonly backY: number | null;
}

const hairShapes: Readonly<Record<HairStyle, HairShape | null>> = {
  bald: null,
  cropped: { volume: 0.25, sideY: -0.35, fringe: 0, backY: null },
  short: { volume: 0.7, sideY: -0.1, fringe: 0.05, backY: null },
  parted: { volume: 0.9, sideY: 0, fringe: 0.08, backY: null },
  fringe: { volume: 0.9, sideY: 0.1, fringe: 0.5, backY: null },
  bob: { volume: 1.1, sideY: 0.3, fringe: 0.15, backY: 1.2 },
  long: { volume: 1, sideY: 0.5, fringe: 0, backY: 2.6 },
  curly: { volume: 2, sideY: 0.15, fringe: 0.12, backY: 0.9 },
};

/** Clothes, the hair behind, neck, ears, the face itself; the features go on top of it. */
export function paintHead(portrait: Portrait): void {
  paintShoulders(portrait);
  paintBackHair(portrait);
  paintNeck(portrait);
  for (const side of [-1, 1]) paintEar(portrait, side);
  const { canvas, colours } = portrait;
  const face = shape(portrait, faceOutline(portrait));
  paint(canvas, face, colours.skin);
  light(canvas, face);
}

/** Hair over the forehead and beside the face. */
export function paintFrontHair(portrait: Portrait): void {
  const { identity, colours, canvas } = portrait;
  const style = hairShapes[identity.hairStyle];
  if (style === null) return;
  const { traits: t } = identity;
  const half = t.cheekWidth / 2;
  const volume = style.volume * t.hairVolume;
  const low = t.hairlineY + style.fringe;
  // A parting lifts the hairline on one side and brings it down on the other.
  const part = identity.hairStyle === "parted" ? 0.28 : 0;
  const z = outlineDepth;
  const outline = [
    point(-half * 0.97, style.sideY, z),
    point(-half - volume * 0.6, -0.4, z),
    point(-half * 0.93 - volume * 0.8, -1.1, z),
    point(-half * 0.5, -1.62 - volume, z),
    point(half * 0.5, -1.62 - volume, z),
    point(half * 0.93 + volume * 0.8, -1.1, z),
    point(half + volume * 0.6, -0.4, z),
    point(half * 0.97, style.sideY, z),
    point(half * 0.88, -0.45, z + 0.25),
    point(half * 0.66, low + 0.12 + part, z + 0.5),
    point(half * 0.2, low - 0.02 + part * 0.3, z + 0.65),
    point(-half * 0.2, low - 0.02 - part * 0.4, z + 0.65),
    point(-half * 0.66, low + 0.12 - part * 0.3, z + 0.5),
    point(-half * 0.88, -0.45, z + 0.25),
  ];
  const hair = shape(portrait, closedCurve(outline, 3));
  paint(canvas, hair, colours.hair);
  light(canvas, hair);
}

/** Beard or moustache; painted before the mouth, which stays visible. */
export function paintBeard(portrait: Portrait): void {
  const { identity, colours, landmarks } = portrait;
  const { traits: t, beard } = identity;
  if (beard === "none") return;
  const opacity = (beard === "stubble" ? 0.3 : 0.85) * t.beardDensity;
  const { lipTop, noseTip, chin } = landmarks.middle;
  if (beard === "moustache" || beard === "goatee") {
    const y = (noseTip.y + lipTop.y) / 2 + 0.08;
    fill(
      portrait,
      closedCurve([
        point(-0.4, y + 0.08, 0.15),
        point(0, y - 0.07, 0.32),
        point(0.4, y + 0.08, 0.15),
        point(0, y + 0.1, 0.32),
      ]),
      colours.brow,
      opacity,
    );
  }
  if (beard === "goatee") {
    const low = landmarks.middle.lipBottom.y + 0.08;
    fill(
      portrait,
      ellipse(point(0, (low + chin.y) / 2 + 0.03, 0.15), 0.3, (chin.y - low) / 2 + 0.04),
      colours.brow,
      opacity,
    );
  }
  if (beard === "full" || beard === "stubble") {
    const { right } = landmarks;
    const edge = [point(right.cheek.x * 0.97, 0.65, outlineDepth), { ...right.jaw }, { ...right.chinSide }];
    const inner = [
      point(0.14, noseTip.y + 0.14, 0.3),
      point(0.5, lipTop.y, 0.12),
      point(right.cheek.x * 0.84, 0.75, outlineDepth + 0.25),
    ];
    const outline = [...inner, ...edge, chin, ...mirrored([...inner, ...edge])];
    fill(portrait, closedCurve(outline, 3), colours.brow, opacity);
  }
}

function faceOutline({ landmarks }: Portrait): readonly Point[] {
  const { right, middle } = landmarks;
  const half = right.temple.x;
  const sideOf = [
    point(half * 0.45, -1.6, outlineDepth),
    point(half * 0.85, -1.25, outlineDepth),
    right.temple,
    right.cheek,
    right.jaw,
    right.chinSide,
  ];
  return closedCurve([...sideOf, middle.chin, ...mirrored(sideOf)], 3);
}

function paintShoulders(portrait: Portrait): void {
  const { clothes } = portrait.nuisance;
  const shoulders = [
    point(-2.6, 3.4, -0.9),
    point(-2.1, 2.25, -0.9),
    point(-0.6, 1.95, -0.9),
    point(0.6, 1.95, -0.9),
    point(2.1, 2.25, -0.9),
    point(2.6, 3.4, -0.9),
  ];
  fill(portrait, shoulders, clothes.colour);
  fill(portrait, ellipse(point(0, 2, -0.9), 0.72, 0.22 + clothes.neckline), clothes.collar);
}

function paintBackHair(portrait: Portrait): void {
  const { identity, colours, canvas } = portrait;
  const style = hairShapes[identity.hairStyle];
  if (style === null || style.backY === null) return;
  const half = identity.traits.cheekWidth / 2;
  const width = half + style.volume * identity.traits.hairVolume;
  const z = -0.9;
  const sideOf = [
    point(width * 0.8, -1.3, z),
    point(width, -0.5, z),
    point(width * 1.04, style.backY - 0.5, z),
    point(width * 0.8, style.backY, z),
  ];
  const hair = shape(portrait, closedCurve([...sideOf, ...mirrored(sideOf)], 3));
  paint(canvas, hair, mixColour(colours.hair, [20, 16, 14], 0.25));
  light(canvas, hair);
}

function paintNeck(portrait: Portrait): void {
  const half = portrait.identity.traits.cheekWidth * 0.29;
  const neck = shape(portrait, [
    point(-half, 1.2, -0.7),
    point(half, 1.2, -0.7),
    point(half * 1.1, 2.35, -0.8),
    point(-half * 1.1, 2.35, -0.8),
  ]);
  paint(portrait.canvas, neck, portrait.colours.shade);
  light(portrait.canvas, neck);
}

function paintEar(portrait: Portrait, side: number): void {
  const { identity, colours, canvas } = portrait;
  // A bob or long hair hides the ears.
  if (identity.hairStyle === "long" || identity.hairStyle === "bob") return;
  const { cheekWidth, earSize } = identity.traits;
  const ear = shape(portrait, ellipse(point(side * (cheekWidth / 2 + 0.02), 0.22, -0.75), 0.13, earSize / 2));
  paint(canvas, ear, mixColour(colours.skin, colours.shade, 0.6));
  light(canvas, ear);
}
