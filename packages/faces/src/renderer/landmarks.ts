import type { Identity } from "./identity.ts";

/** A point of the face in pupil distances: x to the viewer's right, y down from the pupils, z towards the viewer. */
export interface Point {
  x: number;
  y: number;
  z: number;
}

export type Side = "left" | "right";

/** Landmarks that exist on both sides of the face. */
export type PairedLandmark =
  | "browInner"
  | "browPeak"
  | "browOuter"
  | "eyeInner"
  | "eyeTop"
  | "eyeOuter"
  | "eyeBottom"
  | "noseWing"
  | "mouthCorner"
  | "lipPeak"
  | "lipBottomSide"
  | "lipSideTopInner"
  | "lipSideBottomInner"
  | "temple"
  | "cheek"
  | "jaw"
  | "chinSide";

/** Landmarks on the line of symmetry. */
export type MiddleLandmark =
  "noseBridge" | "noseTip" | "lipTop" | "lipTopInner" | "lipBottomInner" | "lipBottom" | "chin";

export interface Landmarks {
  readonly left: Readonly<Record<PairedLandmark, Point>>;
  readonly right: Readonly<Record<PairedLandmark, Point>>;
  readonly middle: Readonly<Record<MiddleLandmark, Point>>;
}

/** The depth of the outline: the silhouette of a turned head runs around its centre, which lies behind the eyes. */
export const outlineDepth = -0.6;

/** The landmarks of a person's face at rest, seen from the front. */
export function restingLandmarks({ traits: t }: Identity): Landmarks {
  const upper = t.lipHeight * t.upperLip;
  const lower = t.lipHeight - upper;
  const paired = (side: 1 | -1): Record<PairedLandmark, Point> => {
    const at = (x: number, y: number, z: number): Point => ({ x: side * x, y, z });
    const browStart = 0.22;
    return {
      browInner: at(browStart, t.browY, 0.12),
      browPeak: at(browStart + 0.6 * t.browLength, t.browY - t.browArch - 0.7 * t.browTilt, 0.08),
      browOuter: at(browStart + t.browLength, t.browY - 0.2 * t.browArch - t.browTilt, -0.05),
      eyeInner: at(0.5 - t.eyeWidth / 2, 0.02 + t.eyeTilt / 2, 0),
      eyeTop: at(0.5, -0.5 * t.eyeHeight, 0.04),
      eyeOuter: at(0.5 + t.eyeWidth / 2, 0.01 - t.eyeTilt / 2, -0.08),
      eyeBottom: at(0.5, 0.45 * t.eyeHeight, 0.04),
      noseWing: at(t.noseWidth / 2, t.noseY - 0.05, 0.2),
      mouthCorner: at(t.mouthWidth / 2, t.mouthY, 0.08),
      lipPeak: at(0.12, t.mouthY - upper, 0.26),
      lipBottomSide: at(0.2, t.mouthY + 0.85 * lower, 0.22),
      lipSideTopInner: at(0.2, t.mouthY, 0.2),
      lipSideBottomInner: at(0.2, t.mouthY, 0.2),
      temple: at((t.cheekWidth / 2) * t.foreheadWidth, -0.7, outlineDepth),
      cheek: at(t.cheekWidth / 2, 0.3, outlineDepth),
      jaw: at((t.cheekWidth / 2) * t.jawWidth, 1.15, outlineDepth + 0.15),
      chinSide: at((t.cheekWidth / 2) * t.chinWidth, t.chinY - 0.07, -0.1),
    };
  };
  return {
    left: paired(-1),
    right: paired(1),
    middle: {
      noseBridge: { x: 0, y: 0.02, z: 0.2 },
      noseTip: { x: 0, y: t.noseY, z: 0.42 },
      lipTop: { x: 0, y: t.mouthY - 0.85 * upper, z: 0.28 },
      lipTopInner: { x: 0, y: t.mouthY, z: 0.26 },
      lipBottomInner: { x: 0, y: t.mouthY, z: 0.26 },
      lipBottom: { x: 0, y: t.mouthY + lower, z: 0.25 },
      chin: { x: 0, y: t.chinY, z: 0 },
    },
  };
}
