import type { ContractionKernel, Schedule } from "@steelyard/compiler";
import { deviceArray } from "@steelyard/compiler/testing";
import fc from "fast-check";
import { usualLimits, type Limits } from "../limits.ts";
import { epilogueNames, epilogues } from "./random-epilogues.ts";

/** The elements of a buffer as the device holds them. */
export type Elements = Float32Array | Int32Array | Uint32Array;

// Contractions of any shape, steps and schedule, on whole numbers so small that every sum is exact.

export interface Problem {
  readonly kernel: ContractionKernel;
  readonly limits: Limits;
  /** A, B, what the epilogue reads, and C, whose gaps hold numbers that must stay. */
  readonly buffers: readonly Elements[];
  readonly numbers: readonly number[];
}

const size = fc.integer({ min: 1, max: 5 });
const sizeOfK = fc.oneof({ weight: 19, arbitrary: size }, { weight: 1, arbitrary: fc.constant(0) });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.nat(12) },
  { weight: 1, arbitrary: fc.integer({ min: -12, max: -1 }) },
);

const axes = {
  outer: fc.array(fc.record({ size: fc.integer({ min: 1, max: 3 }), a: step, b: fc.oneof(fc.constant(0), step) }), {
    maxLength: 3,
  }),
  m: fc.record({ size: fc.oneof(size, fc.integer({ min: 1, max: 40 })), a: step }),
  n: fc.oneof(size, fc.integer({ min: 1, max: 50 })),
  k: fc.array(fc.record({ size: sizeOfK, a: step, b: step }), { maxLength: 3 }),
};
const terms = fc.constantFrom(1, 3, 7, 40, 256, 2048);
const manner = {
  schedule: fc.record({
    b: fc.constantFrom<Schedule["b"][]>("rows", "panels"),
    columns: fc.constantFrom(4, 8, 12, 16, 20),
  }),
  /** Elements between the rows of C, whether m is its outermost axis, and whether rows go down. */
  gap: fc.nat(3),
  outside: fc.boolean(),
  downwards: fc.boolean(),
  epilogue: fc.constantFrom(...epilogueNames),
  limits: fc.record({
    run: fc.record({ rows: terms, panels: terms, linesOfA: terms }),
    cachedBytes: fc.constantFrom(64, 1024, usualLimits.cachedBytes),
    nearBytes: fc.constantFrom(0, usualLimits.nearBytes),
    leastWork: fc.constantFrom(1, 500),
    enoughChunks: fc.constantFrom(1, 5, 16, 64),
  }),
  seed: fc.nat(),
};

/** Contractions of short sums. */
export const problems: fc.Arbitrary<Problem> = fc.record({ ...axes, ...manner }).map(problemOf);

/** Sums so long that they are cut into blocks. */
export const longProblems: fc.Arbitrary<Problem> = fc
  .record({
    outer: fc.constant([]),
    m: fc.record({ size: fc.integer({ min: 1, max: 13 }), a: step }),
    n: fc.integer({ min: 1, max: 21 }),
    k: fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 200, max: 1500 }))
      .map(([few, many]) => [few, many].map((each) => ({ size: each, a: 1, b: 2 }))),
    ...manner,
  })
  .map(problemOf);

interface Shape {
  readonly outer: readonly { readonly size: number; readonly a: number; readonly b: number }[];
  readonly m: { readonly size: number; readonly a: number };
  readonly n: number;
  readonly k: readonly { readonly size: number; readonly a: number; readonly b: number }[];
  readonly schedule: Schedule;
  readonly gap: number;
  readonly outside: boolean;
  readonly downwards: boolean;
  readonly epilogue: string;
  readonly limits: Limits;
  readonly seed: number;
}

function problemOf({ outer, m, n, k, schedule, gap, outside, downwards, epilogue, limits, seed }: Shape): Problem {
  const next = smallNumbers(seed);
  const depth = product(k.map(({ size: each }) => each));
  const panels = depth * Math.ceil(n / 4) * 4;
  const packed = schedule.b === "panels";
  const outerB = outer.map(({ b }) => (packed ? panels * Math.sign(b) : b));
  const c = placesInC([...outer.map(({ size: each }) => each), m.size], n + gap, outside, downwards);
  const a = extent([...outer, m, ...k].map((axis) => [axis.size, axis.a]));
  const along = outer.map(({ size: each }, i): [number, number] => [each, outerB[i]!]);
  const b = extent([
    ...along,
    ...(packed ? [[panels, 1] as const] : [...k.map((x) => [x.size, x.b] as const), [n, 1] as const]),
  ]);
  const end = epilogues[epilogue]!(outer.length);
  const extra = end.companions.map((coefficients) => {
    return extent([...outer.map(({ size: each }) => each), m.size, n].map((each, i) => [each, coefficients[i]!]));
  });
  const kernel: ContractionKernel = {
    kind: "contraction",
    name: "random",
    outer: outer.map((axis, i) => ({ size: axis.size, a: axis.a, b: outerB[i]!, c: c.steps[i]! })),
    m: { ...m, c: c.steps[outer.length]! },
    n: { size: n, b: 1 },
    k,
    start: { a: a.start, b: b.start, c: c.start },
    epilogue: end.expr(
      extra.map(({ start }, i) => ({ constant: start, coefficients: end.companions[i]! })),
      { m: m.size, n },
    ),
    buffers: ["f32", "f32", ...extra.map((_, i) => end.dtypes?.[i] ?? "f32"), "f32"],
    numbers: end.numbers.map(() => "f32"),
    schedule,
  };
  const lengths = [a.length, b.length, ...extra.map(({ length }) => length + end.spare), c.length];
  const buffers = lengths.map((length, i) => deviceArray(kernel.buffers[i]!, Array.from({ length }, next)));
  return { kernel, limits, buffers, numbers: end.numbers };
}

/** Where the lowest element of all is element 0: the first one, and how many there are up to the highest. */
function extent(sizesAndSteps: readonly (readonly [number, number])[]): { start: number; length: number } {
  const reach = sizesAndSteps.map(([each, by]) => (each - 1) * by);
  const below = reach.reduce((total, by) => total + Math.min(by, 0), 0);
  return { start: -below || 0, length: reach.reduce((total, by) => total + Math.abs(by), 1) };
}

/** Steps that keep the rows of C apart. */
function placesInC(sizes: readonly number[], row: number, outside: boolean, downwards: boolean) {
  const order = sizes.map((_, axis) => axis);
  if (outside) order.unshift(order.pop()!);
  const steps = sizes.map(() => 0);
  let inner = row;
  for (const axis of order.toReversed()) {
    steps[axis] = inner;
    inner *= sizes[axis]!;
  }
  if (downwards) steps[sizes.length - 1]! *= -1;
  const { start } = extent(sizes.map((each, i) => [each, steps[i]!]));
  return { steps, start, length: inner };
}

/** Whole numbers from −4 to 4, by a linear congruence. */
function smallNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * 9) - 4;
  };
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
