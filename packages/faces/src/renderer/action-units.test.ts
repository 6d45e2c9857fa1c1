import { describe, expect, it } from "vitest";
import type { ActionUnit, UnitLevels } from "./action-units.ts";
import type { Landmarks } from "./landmarks.ts";
import { expressions } from "../expressions.ts";
import {
  actionUnitTable,
  addUnits,
  displace,
  drawRestingUnits,
  drawUnits,
  expressionTable,
  noUnits,
} from "./action-units.ts";
import { drawIdentity } from "./identity.ts";
import { restingLandmarks } from "./landmarks.ts";
import { randomStream } from "./randomness.ts";

const person = drawIdentity(randomStream(4, "identity", 0), 1);
const rest = restingLandmarks(person);

function moved(levels: UnitLevels): Landmarks {
  const landmarks = restingLandmarks(person);
  displace(landmarks, levels);
  return landmarks;
}

function only(...units: readonly ActionUnit[]): UnitLevels {
  const levels = noUnits();
  for (const unit of units) levels.left[unit] = levels.right[unit] = 1;
  return levels;
}

const opening = ({ left }: Landmarks): number => left.eyeBottom.y - left.eyeTop.y;

const gape = ({ middle }: Landmarks): number => middle.lipBottomInner.y - middle.lipTopInner.y;

const height = ({ middle }: Landmarks): number => middle.lipBottom.y - middle.lipTop.y;

describe("action units", () => {
  it("do nothing at level 0", () => {
    expect(moved(noUnits())).toEqual(rest);
  });

  it("12 pulls both mouth corners up and outward", () => {
    const { left, right } = moved(only(12));
    expect(left.mouthCorner.y).toBeLessThan(rest.left.mouthCorner.y);
    expect(left.mouthCorner.x).toBeLessThan(rest.left.mouthCorner.x);
    expect(right.mouthCorner.x).toBeGreaterThan(rest.right.mouthCorner.x);
  });

  it("15 pulls the corners down, against 12", () => {
    expect(moved(only(15)).left.mouthCorner.y).toBeGreaterThan(rest.left.mouthCorner.y);
  });

  it("1 raises the inner brow, 2 the outer, 4 lowers and draws the brows together", () => {
    expect(moved(only(1)).left.browInner.y).toBeLessThan(rest.left.browInner.y);
    expect(moved(only(1)).left.browOuter).toEqual(rest.left.browOuter);
    expect(moved(only(2)).right.browOuter.y).toBeLessThan(rest.right.browOuter.y);
    const frown = moved(only(4));
    expect(frown.left.browInner.y).toBeGreaterThan(rest.left.browInner.y);
    expect(frown.right.browInner.x - frown.left.browInner.x).toBeLessThan(
      rest.right.browInner.x - rest.left.browInner.x,
    );
  });

  it("5 opens the eye and 7 narrows it", () => {
    expect(opening(moved(only(5)))).toBeGreaterThan(opening(rest));
    expect(opening(moved(only(7)))).toBeLessThan(opening(rest));
    expect(opening(moved(only(7)))).toBeGreaterThan(0);
  });

  it("25 parts the lips and 26 opens them further and drops the chin", () => {
    expect(gape(rest)).toBe(0);
    expect(gape(moved(only(25, 26)))).toBeGreaterThan(gape(moved(only(25))));
    expect(moved(only(26)).middle.chin.y).toBeGreaterThan(rest.middle.chin.y);
  });

  it("24 presses the lips thin", () => {
    expect(height(moved(only(24)))).toBeLessThan(height(rest));
  });

  it("move one side alone when only that side is on, the middle by half", () => {
    const levels = noUnits();
    levels.left[25] = 1;
    const half = moved(levels);
    expect(half.right).toEqual(rest.right);
    const full = moved(only(25)).middle.lipBottom.y - rest.middle.lipBottom.y;
    expect(half.middle.lipBottom.y - rest.middle.lipBottom.y).toBeCloseTo(full / 2, 12);
  });

  it("name landmarks that exist", () => {
    for (const { moves } of Object.values(actionUnitTable)) {
      for (const [landmark] of moves) expect(landmark in rest.left || landmark in rest.middle, landmark).toBe(true);
    }
  });
});

describe("drawUnits", () => {
  const random = randomStream(9, "expression", 0);

  it("always shows the units that make the expression, and no foreign one", () => {
    for (const expression of expressions) {
      const { always, some } = expressionTable[expression];
      const allowed = new Set<number>([...always, ...some.map(([unit]) => unit)]);
      for (let i = 0; i < 20; i++) {
        const { left, right } = drawUnits(expression, 0.8, random);
        const shown = [...left.keys()].filter((unit) => Math.max(left[unit] ?? 0, right[unit] ?? 0) > 0);
        expect(shown.every((unit) => allowed.has(unit))).toBe(true);
        expect(always.every((unit) => shown.includes(unit))).toBe(true);
      }
    }
  });

  it("shows optional units as often as the published share of people", () => {
    const draws = 2000;
    let cheeks = 0;
    for (let i = 0; i < draws; i++) if ((drawUnits("happiness", 1, random).left[6] ?? 0) > 0) cheeks += 1;
    // Standard error √(.51 · .49 / 2000) = 0.011; four of them.
    expect(Math.abs(cheeks / draws - 0.51)).toBeLessThan(0.045);
  });

  it("shows contempt on one side, and either side at times", () => {
    const sides = Array.from({ length: 40 }, () => drawUnits("contempt", 1, random)).map(({ left, right }) => [
      (left[12] ?? 0) > 0,
      (right[12] ?? 0) > 0,
    ]);
    expect(sides.every(([l, r]) => l !== r)).toBe(true);
    expect(new Set(sides.map(([l]) => l)).size).toBe(2);
  });

  it("never leaves 0..1, and adds up to no more than a full movement", () => {
    const strong = drawUnits("surprise", 1, random);
    for (const side of [strong.left, strong.right, addUnits(strong, strong).left]) {
      expect(side.every((level) => level >= 0 && level <= 1)).toBe(true);
    }
  });
});

const restingStrength = (level: number): number =>
  drawRestingUnits(level, randomStream(1, "restingFace", 2)).left.reduce((s, v) => s + v, 0);

describe("drawRestingUnits", () => {
  it("leaves faces untouched at strength 0 and grows with it", () => {
    expect(drawRestingUnits(0, randomStream(1, "restingFace", 0))).toEqual(noUnits());
    expect(restingStrength(1)).toBeGreaterThan(restingStrength(0.3));
  });
});
