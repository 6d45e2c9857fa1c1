import { describe, expect, it } from "vitest";
import type { View } from "./geometry.ts";
import { closedCurve, ellipse, openCurve, projection, radians, stroke, turn } from "./geometry.ts";

const front: View = { yaw: 0, pitch: 0, roll: 0, shift: [0, 0], zoom: 1 };
const place = (view: Partial<View>, x: number, y: number, z: number): readonly [number, number] => {
  const path = new Float64Array(2);
  projection({ ...front, ...view }, 70, -0.6).place({ x, y, z }, path, 0);
  return [path[0] ?? 0, path[1] ?? 0];
};

describe("turn", () => {
  it("agrees with the engine's sine and cosine to 1e-15 up to a quarter turn", () => {
    for (let degrees = -90; degrees <= 90; degrees++) {
      const { sin, cos } = turn(radians(degrees));
      expect(Math.abs(sin - Math.sin(radians(degrees)))).toBeLessThan(1e-15);
      expect(Math.abs(cos - Math.cos(radians(degrees)))).toBeLessThan(1e-15);
    }
  });
});

describe("projection", () => {
  it("shows 3.5 pupil distances across, the pupils above the middle", () => {
    expect(place({}, 0.5, 0, 0)[0] - place({}, -0.5, 0, 0)[0]).toBeCloseTo(20, 12);
    expect(place({}, 0, 0.27, 0)).toEqual([35, 35]);
  });

  it("keeps the middle of the pupils in place under any turn of the head", () => {
    const middle = place({}, 0, 0, 0);
    expect(place({ yaw: 25, pitch: -20 }, 0, 0, 0)).toEqual(middle);
  });

  it("moves what is near to the side the face turns to, and up when it looks up", () => {
    const [x, y] = place({}, 0, 0.7, 0.4);
    expect(place({ yaw: 20 }, 0, 0.7, 0.4)[0]).toBeGreaterThan(x + 2);
    expect(place({ pitch: 20 }, 0, 0.7, 0.4)[1]).toBeLessThan(y - 2);
  });

  it("lifts pixels back to where a flat point came from", () => {
    const view: View = { ...front, roll: 17, shift: [0.2, -0.1], zoom: 1.1 };
    const { place: put, lift } = projection(view, 48, -0.6);
    const path = new Float64Array(2);
    put({ x: 0.4, y: 0.9, z: 0 }, path, 0);
    const [x, y] = lift(path[0] ?? 0, path[1] ?? 0);
    expect(x).toBeCloseTo(0.4, 12);
    expect(y).toBeCloseTo(0.9, 12);
  });
});

describe("curves", () => {
  const square = [
    { x: 0, y: 0, z: 0 },
    { x: 1, y: 0, z: 1 },
    { x: 1, y: 1, z: 2 },
    { x: 0, y: 1, z: 3 },
  ];

  it("pass through their points", () => {
    expect(closedCurve(square, 4).filter((_, i) => i % 4 === 0)).toEqual(square);
    const open = openCurve(square, 4);
    expect([open[0], open[4], open.at(-1), open.length]).toEqual([square[0], square[1], square[3], 13]);
  });

  it("make an ellipse of the right reach", () => {
    const xs = ellipse({ x: 2, y: 0, z: 0 }, 0.5, 0.25).map(({ x }) => x);
    expect(Math.max(...xs)).toBeCloseTo(2.5, 2);
    expect(Math.min(...xs)).toBeCloseTo(1.5, 2);
  });

  it("become strokes of the given thickness, thinner at the ends", () => {
    const line = [0, 1, 2].map((x) => ({ x, y: 0, z: 0 }));
    expect(stroke(line, 0.4).map(({ y }) => Math.abs(y))).toEqual([0.1, 0.2, 0.1, 0.1, 0.2, 0.1]);
  });
});
