import { describe, expect, it } from "vitest";
import type { Identity, Trait } from "./identity.ts";
import { drawIdentity, drawPopulation, identityDistance, traitTable } from "./identity.ts";
import { restingLandmarks } from "./landmarks.ts";
import { palette } from "./palette.ts";
import { randomStream } from "./randomness.ts";

const many = 2000;
const people: readonly Identity[] = Array.from({ length: many }, (_, i) =>
  drawIdentity(randomStream(11, "identity", i), 1),
);
const moments = (pick: (person: Identity) => number): readonly [mean: number, sd: number] => {
  const values = people.map(pick);
  const mean = values.reduce((s, v) => s + v, 0) / many;
  return [mean, Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / many)];
};

const red = (p: Identity): number => palette(p.traits).skin[0];

describe("people", () => {
  it("have traits of the tabulated mean and deviation", () => {
    for (const trait of Object.keys(traitTable) as Trait[]) {
      const { mean, sd } = traitTable[trait];
      const [drawnMean, drawnSd] = moments(({ traits }) => traits[trait]);
      // Standard errors: sd/√2000 = 0.022 sd of the mean, 0.016 sd of the deviation; four of each. Cutting at three
      // deviations costs the deviation less than 0.01 sd.
      expect(Math.abs(drawnMean - mean), trait).toBeLessThan(0.09 * sd);
      expect(Math.abs(drawnSd - sd), trait).toBeLessThan(0.075 * sd);
    }
  });

  it("have the landmark statistics published for the London set", () => {
    const measured: readonly (readonly [name: string, mean: number, sd: number, pick: (person: Identity) => number])[] =
      [
        ["cheek width", 2.21, 0.12, (p) => restingLandmarks(p).right.cheek.x - restingLandmarks(p).left.cheek.x],
        ["chin y", 1.84, 0.11, (p) => restingLandmarks(p).middle.chin.y],
        ["hairline y", -1.19, 0.1, (p) => p.traits.hairlineY],
        ["brow y", -0.12, 0.07, (p) => restingLandmarks(p).left.browInner.y],
        ["nose tip y", 0.71, 0.06, (p) => restingLandmarks(p).middle.noseTip.y],
        ["mouth y", 1.1, 0.06, (p) => restingLandmarks(p).left.mouthCorner.y],
        [
          "mouth width",
          0.8,
          0.04,
          (p) => restingLandmarks(p).right.mouthCorner.x - restingLandmarks(p).left.mouthCorner.x,
        ],
      ];
    for (const [name, mean, sd, pick] of measured) {
      const [drawnMean, drawnSd] = moments(pick);
      expect(Math.abs(drawnMean - mean), name).toBeLessThan(0.09 * sd);
      expect(Math.abs(drawnSd - sd), name).toBeLessThan(0.075 * sd);
    }
    const [lipHeight] = moments((p) => restingLandmarks(p).middle.lipBottom.y - restingLandmarks(p).right.lipPeak.y);
    expect(Math.abs(lipHeight - 0.28)).toBeLessThan(0.01);
  });

  it("have skin of the measured mean 186, 149, 135, deviation 29 and range 78 to 216 in red", () => {
    const [mean, sd] = moments(red);
    expect(Math.abs(mean - 186)).toBeLessThan(4);
    expect(Math.abs(sd - 29)).toBeLessThan(3);
    expect(Math.min(...people.map(red))).toBeGreaterThanOrEqual(78);
    expect(Math.max(...people.map(red))).toBeLessThanOrEqual(216);
    expect(Math.abs(moments((p) => palette(p.traits).skin[1])[0] - 149)).toBeLessThan(4);
    expect(Math.abs(moments((p) => palette(p.traits).skin[2])[0] - 135)).toBeLessThan(4);
  });

  it("have pupils one unit apart", () => {
    const { left, right } = restingLandmarks(drawIdentity(randomStream(0, "identity", 0), 1));
    expect(right.eyeTop.x - left.eyeTop.x).toBe(1);
  });
});

const meanDistance = (spread: number): number => {
  const [first, ...rest] = drawPopulation({ seed: 2, count: 60, spread, minDistance: 0 });
  return rest.reduce((s, p) => s + (first === undefined ? 0 : identityDistance(first, p)), 0) / rest.length;
};

describe("drawPopulation", () => {
  it("keeps everyone at the least distance from everyone else", () => {
    const crowd = drawPopulation({ seed: 5, count: 40, spread: 1, minDistance: 1.2 });
    const distances = crowd.flatMap((a, i) => crowd.slice(i + 1).map((b) => identityDistance(a, b)));
    expect(Math.min(...distances)).toBeGreaterThanOrEqual(1.2);
  });

  it("starts a larger population with the smaller one", () => {
    const options = { seed: 5, spread: 1, minDistance: 1.2 };
    expect(drawPopulation({ ...options, count: 12 }).slice(0, 5)).toEqual(drawPopulation({ ...options, count: 5 }));
  });

  it("makes people alike when the spread is small", () => {
    expect(meanDistance(0.2)).toBeLessThan(meanDistance(0.5));
    expect(meanDistance(0.5)).toBeLessThan(meanDistance(1));
  });

  it("gives up with a hint when there is no room", () => {
    expect(() => drawPopulation({ seed: 5, count: 5, spread: 0.1, minDistance: 2 }))
      .toThrowErrorMatchingInlineSnapshot(`
      [DataError: drawPopulation: needs 5 people at least 2 apart, got room for 1 at a spread of 0.1
        hint: lower the least distance, raise the spread, or ask for fewer identities]
    `);
  });
});

describe("identityDistance", () => {
  it("is a symmetric measure, zero for the same person", () => {
    const [a, b] = drawPopulation({ seed: 1, count: 2, spread: 1, minDistance: 0 });
    if (a === undefined || b === undefined) throw new Error("two people were asked for");
    expect(identityDistance(a, a)).toBe(0);
    expect(identityDistance(a, b)).toBe(identityDistance(b, a));
  });
});
