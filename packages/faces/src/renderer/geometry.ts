import type { Point } from "./landmarks.ts";

/**
 * Sine and cosine by their power series, for angles in radians up to a quarter turn: engines differ in the last bit of `Math.sin`, and
 * faces must agree bit for bit.
 */
export function turn(angle: number): { readonly sin: number; readonly cos: number } {
  const square = angle * angle;
  let sin = 0;
  let cos = 0;
  // Horner's scheme from the 23rd power down; at a quarter turn the first term left out is below 1e-19.
  for (let n = 11; n >= 0; n--) {
    cos = 1 - (square / ((2 * n + 1) * (2 * n + 2))) * cos;
    sin = 1 - (square / ((2 * n + 2) * (2 * n + 3))) * sin;
  }
  return { sin: angle * sin, cos };
}

/** Degrees to radians. */
export function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/** Where the head is turned and how the camera frames it. */
export interface View {
  /** Degrees; positive turns the face towards the viewer's right. */
  readonly yaw: number;
  /** Degrees; positive looks up. */
  readonly pitch: number;
  /** Degrees clockwise in the picture. */
  readonly roll: number;
  /** Shift in pupil distances, right and down. */
  readonly shift: readonly [x: number, y: number];
  /** Factor on the size of the face in the picture; 1 shows 3.5 pupil distances across. */
  readonly zoom: number;
}

/** Maps face coordinates to pixels, and pixels back to the plane of the picture in pupil distances. */
export interface Projection {
  /** Writes x, y of a point of the face. */
  readonly place: (point: Point, path: Float64Array, at: number) => void;
  /** Pixels per pupil distance. */
  readonly scale: number;
  /** The shift of the outline's depth under this pose, in pupil distances. */
  readonly drift: readonly [x: number, y: number];
  /** Undoes roll, zoom and shift: pixel coordinates to the upright picture plane. */
  readonly lift: (x: number, y: number) => readonly [x: number, y: number];
}

// The frame shows this many pupil distances, from the hairline to just below the chin, centred below the pupils.
const frame = 3.5;
const centre = 0.27;

/**
 * Weak perspective: turn the head about the middle of the pupils, drop the depth, then roll, scale and shift.
 *
 * The pupils' middle stays where it is under any pose, as after an alignment by the eyes.
 */
export function projection(view: View, size: number, outlineDepth: number): Projection {
  const yaw = turn(radians(view.yaw));
  const pitch = turn(radians(view.pitch));
  const roll = turn(radians(view.roll));
  const scale = (size * view.zoom) / frame;
  const [shiftX, shiftY] = view.shift;
  return {
    scale,
    drift: [outlineDepth * yaw.sin, -outlineDepth * pitch.sin],
    place: ({ x, y, z }, path, at) => {
      const turnedX = x * yaw.cos + z * yaw.sin;
      const depth = z * yaw.cos - x * yaw.sin;
      const turnedY = y * pitch.cos - depth * pitch.sin - centre;
      path[at] = size / 2 + scale * (turnedX * roll.cos - turnedY * roll.sin + shiftX);
      path[at + 1] = size / 2 + scale * (turnedX * roll.sin + turnedY * roll.cos + shiftY);
    },
    lift: (x, y) => {
      const flatX = (x - size / 2) / scale - shiftX;
      const flatY = (y - size / 2) / scale - shiftY;
      return [flatX * roll.cos + flatY * roll.sin, flatY * roll.cos - flatX * roll.sin + centre];
    },
  };
}

/**
 * The smooth closed curve through the points (uniform Catmull-Rom spline), as a polygon of `steps` pieces per point.
 */
export function closedCurve(points: readonly Point[], steps = 4): readonly Point[] {
  return points.flatMap((_, i) => piece(points, i, steps, (k) => (k + points.length) % points.length));
}

/** The smooth curve from the first point to the last. */
export function openCurve(points: readonly Point[], steps = 4): readonly Point[] {
  const last = points.length - 1;
  const pieces = points.slice(0, -1).flatMap((_, i) => piece(points, i, steps, (k) => Math.min(Math.max(k, 0), last)));
  return [...pieces, ...points.slice(-1)];
}

function piece(points: readonly Point[], i: number, steps: number, wrap: (k: number) => number): readonly Point[] {
  const a = points[wrap(i - 1)];
  const b = points[wrap(i)];
  const c = points[wrap(i + 1)];
  const d = points[wrap(i + 2)];
  if (a === undefined || b === undefined || c === undefined || d === undefined) return [];
  return Array.from({ length: steps }, (_, k) => {
    const t = k / steps;
    // The cubic through b (t = 0) and c (t = 1) whose slopes there are (c − a)/2 and (d − b)/2.
    const wa = (-t + 2 * t * t - t * t * t) / 2;
    const wb = (2 - 5 * t * t + 3 * t * t * t) / 2;
    const wc = (t + 4 * t * t - 3 * t * t * t) / 2;
    const wd = (t * t * t - t * t) / 2;
    return {
      x: wa * a.x + wb * b.x + wc * c.x + wd * d.x,
      y: wa * a.y + wb * b.y + wc * c.y + wd * d.y,
      z: wa * a.z + wb * b.z + wc * c.z + wd * d.z,
    };
  });
}

/** A stroke along a curve: the polygon between it and itself, thick in the middle and thin at both ends. */
export function stroke(curve: readonly Point[], thickness: number, taper = 0.5): readonly Point[] {
  const last = Math.max(1, curve.length - 1);
  const edge = (side: number): readonly Point[] =>
    curve.map(({ x, y, z }, i) => {
      const along = (2 * i) / last - 1;
      const half = (thickness / 2) * (1 - taper * along * along);
      const [normalX, normalY] = normalAt(curve, i);
      return { x: x + side * half * normalX, y: y + side * half * normalY, z };
    });
  return [...edge(-1), ...edge(1).toReversed()];
}

function normalAt(curve: readonly Point[], i: number): readonly [x: number, y: number] {
  const before = curve[Math.max(0, i - 1)];
  const after = curve[Math.min(curve.length - 1, i + 1)];
  if (before === undefined || after === undefined) return [0, 1];
  const x = after.x - before.x;
  const y = after.y - before.y;
  const length = Math.sqrt(x * x + y * y);
  return length === 0 ? [0, 1] : [-y / length, x / length];
}

/** An ellipse around a centre, as twelve corners of a curve. */
export function ellipse(centreAt: Point, radiusX: number, radiusY: number): readonly Point[] {
  return closedCurve(
    compass.map(([x, y]) => ({ x: centreAt.x + radiusX * x, y: centreAt.y + radiusY * y, z: centreAt.z })),
    3,
  );
}

const diagonal = Math.sqrt(0.5);
const compass: readonly (readonly [number, number])[] = [
  [1, 0],
  [diagonal, diagonal],
  [0, 1],
  [-diagonal, diagonal],
  [-1, 0],
  [-diagonal, -diagonal],
  [0, -1],
  [diagonal, -diagonal],
];
