import type { Expression } from "../expressions.ts";
import type { Landmarks, MiddleLandmark, PairedLandmark, Point, Side } from "./landmarks.ts";
import type { RandomStream } from "./randomness.ts";
import { clamp } from "./identity.ts";

/** Units of the Facial Action Coding System (Ekman & Friesen 1978) that the renderer knows. */
export type ActionUnit = 1 | 2 | 4 | 5 | 6 | 7 | 9 | 10 | 12 | 14 | 15 | 17 | 20 | 23 | 24 | 25 | 26;

type Move = readonly [landmark: PairedLandmark | MiddleLandmark, outward: number, down: number];

/** Where each unit at full strength moves the landmarks, in pupil distances; outward is away from the line of symmetry. */
// prettier-ignore
export const actionUnitTable: Readonly<Record<ActionUnit, { readonly name: string; readonly moves: readonly Move[] }>> = {
  1:  { name: "inner brow raiser",    moves: [["browInner", 0.02, -0.26], ["browPeak", 0, -0.07]] },
  2:  { name: "outer brow raiser",    moves: [["browOuter", 0, -0.16], ["browPeak", 0, -0.18]] },
  4:  { name: "brow lowerer",         moves: [["browInner", -0.07, 0.12], ["browPeak", -0.03, 0.07]] },
  5:  { name: "upper lid raiser",     moves: [["eyeTop", 0, -0.1]] },
  6:  { name: "cheek raiser",         moves: [["eyeBottom", 0, -0.07], ["eyeOuter", 0, 0.02]] },
  7:  { name: "lid tightener",        moves: [["eyeTop", 0, 0.06], ["eyeBottom", 0, -0.05]] },
  9:  { name: "nose wrinkler",        moves: [["noseWing", 0.03, -0.1], ["noseTip", 0, -0.05], ["browInner", -0.04, 0.08], ["eyeBottom", 0, -0.05], ["lipPeak", 0, -0.04]] },
  10: { name: "upper lip raiser",     moves: [["lipPeak", 0.02, -0.13], ["lipTop", 0, -0.1], ["lipTopInner", 0, -0.09], ["lipSideTopInner", 0, -0.07], ["mouthCorner", 0, 0.03]] },
  12: { name: "lip corner puller",    moves: [["mouthCorner", 0.15, -0.16], ["lipSideTopInner", 0.05, -0.04], ["lipSideBottomInner", 0.05, -0.02], ["lipBottomSide", 0.06, -0.01], ["lipPeak", 0.03, 0.02], ["cheek", 0.03, 0]] },
  14: { name: "dimpler",              moves: [["mouthCorner", 0.05, -0.03], ["lipPeak", 0, 0.02]] },
  15: { name: "lip corner depressor", moves: [["mouthCorner", 0.02, 0.17], ["lipBottomSide", 0, 0.03], ["lipSideTopInner", 0, 0.03], ["lipSideBottomInner", 0, 0.03]] },
  17: { name: "chin raiser",          moves: [["lipBottom", 0, -0.07], ["lipTopInner", 0, -0.05], ["lipBottomInner", 0, -0.05], ["lipTop", 0, -0.03], ["chin", 0, -0.06]] },
  20: { name: "lip stretcher",        moves: [["mouthCorner", 0.17, 0.04], ["lipSideBottomInner", 0.08, 0.05], ["lipSideTopInner", 0.08, 0], ["lipBottomSide", 0.1, 0.02]] },
  23: { name: "lip tightener",        moves: [["mouthCorner", -0.05, 0], ["lipPeak", 0, 0.04], ["lipTop", 0, 0.04], ["lipBottom", 0, -0.05], ["lipBottomSide", 0, -0.05]] },
  24: { name: "lip presser",          moves: [["mouthCorner", -0.05, 0.01], ["lipPeak", 0, 0.07], ["lipTop", 0, 0.06], ["lipBottom", 0, -0.09], ["lipBottomSide", 0, -0.08]] },
  25: { name: "lips part",            moves: [["lipBottomInner", 0, 0.1], ["lipSideBottomInner", 0, 0.06], ["lipBottom", 0, 0.08], ["lipBottomSide", 0, 0.06], ["lipTopInner", 0, -0.03]] },
  26: { name: "jaw drop",             moves: [["lipBottomInner", 0, 0.22], ["lipSideBottomInner", -0.02, 0.17], ["lipBottom", 0, 0.22], ["lipBottomSide", 0, 0.18], ["mouthCorner", -0.07, 0.08], ["chin", 0, 0.14], ["chinSide", 0, 0.12]] },
};

const units = Object.keys(actionUnitTable).map(Number) as readonly ActionUnit[];

/** The strength of each unit on each side, 0..1, indexed by the unit's number. */
export interface UnitLevels {
  readonly left: Float64Array;
  readonly right: Float64Array;
}

interface Prototype {
  readonly always: readonly ActionUnit[];
  /** Units that only some people show, with the share who do. */
  readonly some: readonly (readonly [unit: ActionUnit, share: number])[];
  readonly oneSided?: true;
}

/**
 * The units of each expression and the share of people who show the optional ones.
 *
 * Source: Du, Tao & Martinez, "Compound facial expressions of emotion" (PNAS 2014), table 1.
 */
// prettier-ignore
export const expressionTable: Readonly<Record<Expression, Prototype>> = {
  neutral:   { always: [],             some: [] },
  anger:     { always: [4, 7, 24],     some: [[10, 0.26], [17, 0.52], [23, 0.29]] },
  contempt:  { always: [12, 14],       some: [], oneSided: true },
  disgust:   { always: [9, 10, 17],    some: [[4, 0.31], [24, 0.26]] },
  fear:      { always: [1, 4, 20, 25], some: [[2, 0.57], [5, 0.63], [26, 0.33]] },
  happiness: { always: [12, 25],       some: [[6, 0.51]] },
  sadness:   { always: [4, 15],        some: [[1, 0.6], [6, 0.5], [17, 0.67]] },
  surprise:  { always: [1, 2, 25, 26], some: [[5, 0.66]] },
};

export function noUnits(): UnitLevels {
  return { left: new Float64Array(27), right: new Float64Array(27) };
}

/**
 * Draws how one image shows an expression: which optional units take part, and how strongly each one moves.
 *
 * Units vary by ±20 % around `intensity`, and the two sides by ±10 %: nobody smiles twice in the same way.
 */
export function drawUnits(expression: Expression, intensity: number, random: RandomStream): UnitLevels {
  const { always, some, oneSided } = expressionTable[expression];
  const levels = noUnits();
  const shown = [...always, ...some.filter(([, share]) => random.chance(share)).map(([unit]) => unit)];
  const stillSide: Side | null = oneSided === true ? (random.chance(0.5) ? "left" : "right") : null;
  for (const unit of shown) {
    const level = intensity * random.uniform(0.8, 1.2);
    const tilt = random.uniform(-0.1, 0.1);
    levels.left[unit] = stillSide === "left" ? 0 : clamp(level * (1 + tilt), 0, 1);
    levels.right[unit] = stillSide === "right" ? 0 : clamp(level * (1 - tilt), 0, 1);
  }
  return levels;
}

/**
 * The face a person has at rest, as units of `strength`: some people look angry, sad or surprised when they are not.
 * This entangles the two tasks: who it is must be known to tell what is felt.
 */
export function drawRestingUnits(strength: number, random: RandomStream): UnitLevels {
  const levels = noUnits();
  for (const unit of [1, 4, 7, 12, 15, 24] as const) {
    const level = strength * random.uniform() * (random.chance(0.5) ? 1 : 0);
    levels.left[unit] = level;
    levels.right[unit] = level;
  }
  return levels;
}

/** Adds the levels unit by unit; a unit cannot do more than its full movement. */
export function addUnits(a: UnitLevels, b: UnitLevels): UnitLevels {
  const add = (side: Side): Float64Array => a[side].map((level, unit) => clamp(level + (b[side][unit] ?? 0), 0, 1));
  return { left: add("left"), right: add("right") };
}

/** The stronger side of a unit. */
export function unitLevel(levels: UnitLevels, unit: ActionUnit): number {
  return Math.max(levels.left[unit] ?? 0, levels.right[unit] ?? 0);
}

/** Moves the landmarks of a resting face, in place, as the units demand; middle landmarks follow the mean of both sides. */
export function displace(landmarks: Landmarks, levels: UnitLevels): void {
  for (const unit of units) {
    const left = levels.left[unit] ?? 0;
    const right = levels.right[unit] ?? 0;
    if (left === 0 && right === 0) continue;
    for (const [landmark, outward, down] of actionUnitTable[unit].moves) {
      if (isMiddle(landmarks, landmark)) {
        shift(landmarks.middle[landmark], 0, (down * (left + right)) / 2);
      } else {
        shift(landmarks.left[landmark], -outward * left, down * left);
        shift(landmarks.right[landmark], outward * right, down * right);
      }
    }
  }
}

function isMiddle(landmarks: Landmarks, name: PairedLandmark | MiddleLandmark): name is MiddleLandmark {
  return name in landmarks.middle;
}

function shift(point: Point, x: number, y: number): void {
  point.x += x;
  point.y += y;
}
