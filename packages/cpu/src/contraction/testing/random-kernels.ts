import type { Affine, ContractionKernel, Expr, Schedule } from "@steelyard/compiler";
import fc from "fast-check";
import { sum } from "./example-kernels.ts";

// Contractions of any shape, steps and schedule, on whole numbers so small that every sum is exact.

export interface Problem {
  readonly kernel: ContractionKernel;
  /** A, B, what the epilogue reads, and C, whose gaps hold numbers that must stay. */
  readonly buffers: readonly Float32Array[];
  readonly numbers: readonly number[];
}

const size = fc.integer({ min: 1, max: 5 });
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
  k: fc.array(fc.record({ size, a: step, b: step }), { maxLength: 3 }),
};
const manner = {
  schedule: fc.record({
    b: fc.constantFrom<Schedule["b"][]>("rows", "panels"),
    columns: fc.constantFrom(4, 8, 12, 16, 20),
    hoisted: fc.nat(3),
  }),
  /** Elements between the rows of C, whether m is its outermost axis, and whether rows go down. */
  gap: fc.nat(3),
  outside: fc.boolean(),
  downwards: fc.boolean(),
  epilogue: fc.constantFrom<EpilogueName[]>("sum", "bias", "relu", "residual", "choice", "column", "twice"),
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
  readonly epilogue: EpilogueName;
  readonly seed: number;
}

function problemOf({ outer, m, n, k, schedule, gap, outside, downwards, epilogue, seed }: Shape): Problem {
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
  const end = epilogues[epilogue](outer.length);
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
    epilogue: end.expr(extra.map(({ start }, i) => ({ constant: start, coefficients: end.companions[i]! }))),
    buffers: ["f32", "f32", ...extra.map(() => "f32" as const), "f32"],
    numbers: end.numbers.map(() => "f32"),
    schedule: { ...schedule, hoisted: Math.min(schedule.hoisted, k.length) },
  };
  const lengths = [a.length, b.length, ...extra.map(({ length }) => length), c.length];
  return { kernel, buffers: lengths.map((length) => new Float32Array(length).map(next)), numbers: end.numbers };
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

type EpilogueName = "sum" | "bias" | "relu" | "residual" | "choice" | "column" | "twice";

interface EpilogueMaker {
  /** Coefficients of what it reads, over [outer…, m, n]. */
  readonly companions: readonly (readonly number[])[];
  readonly numbers: readonly number[];
  expr(at: readonly Affine[]): Expr;
}

const f32 = { dtype: "f32" } as const;
const call = (name: string, ...args: Expr[]): Expr => ({ kind: "call", ...f32, name, args });
const load = (position: number, at: Affine): Expr => ({ kind: "load", ...f32, buffer: 2 + position, at });
const constant = (value: number): Expr => ({ kind: "constant", ...f32, value });
const number = (position: number): Expr => ({ kind: "number", ...f32, position });
const along = (rank: number, m: number, n: number): number[] => [
  ...Array.from({ length: rank }, (_, i) => i + 1),
  m,
  n,
];

const epilogues: Readonly<Record<EpilogueName, (rank: number) => EpilogueMaker>> = {
  sum: () => ({ companions: [], numbers: [], expr: () => sum }),
  bias: (rank) => ({
    companions: [
      [
        ...along(rank, 0, 0)
          .map(() => 0)
          .slice(0, -1),
        1,
      ],
    ],
    numbers: [],
    expr: ([bias]) => call("add", sum, load(0, bias!)),
  }),
  relu: () => ({ companions: [], numbers: [], expr: () => call("relu", sum) }),
  // number₀ · sum + residual
  residual: (rank) => ({
    companions: [along(rank, 50, 1)],
    numbers: [3],
    expr: ([x]) => call("add", call("mul", number(0), sum), load(0, x!)),
  }),
  // sum > x ? sum : −y, with rows of y that go down
  choice: (rank) => ({
    companions: [along(rank, 3, 1), along(rank, -7, 1)],
    numbers: [],
    expr: ([x, y]) => {
      const condition: Expr = { kind: "call", dtype: "bool", name: "greater", args: [sum, load(0, x!)] };
      return { kind: "where", ...f32, condition, yes: sum, no: call("neg", load(1, y!)) };
    },
  }),
  // steps along n of 0, 3 and −2
  column: (rank) => ({
    companions: [along(rank, 1, 0), along(rank, 2, 3), along(rank, 0, -2)],
    numbers: [2, 5],
    expr: ([x, y, z]) =>
      call("sub", call("mul", number(1), call("add", sum, load(0, x!))), call("mul", load(1, y!), load(2, z!))),
  }),
  // r = max(sum, 0) is used three times
  twice: () => ({
    companions: [],
    numbers: [],
    expr: () => {
      const r = call("maximum", sum, constant(0));
      return call("sub", call("square", r), call("add", r, r));
    },
  }),
};

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
