import fc from "fast-check";
import type { Affine, ContractionKernel, Expr } from "@steelyard/compiler";
import { deviceArray, points } from "@steelyard/compiler/testing";
import type { DType } from "@steelyard/core";

// Contractions of all shapes and steps, with whole numbers in them: their sums are exact, whatever the order. Where no
// element lies there is NaN, which shows in every result that has seen it.

export interface ContractionCase {
  readonly kernel: ContractionKernel;
  readonly buffers: readonly ReturnType<typeof deviceArray>[];
  readonly numbers: readonly number[];
}

type Draw = fc.GeneratorValue;

/** Sizes that fours fill, and others. */
const size = (most: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: 1, max: most }),
    fc.integer({ min: 1, max: Math.ceil(most / 4) }).map((fours) => 4 * fours),
  );

interface Walk {
  readonly steps: readonly number[];
  readonly start: number;
  readonly elements: number;
}

/** Axes in memory, in any order, the innermost dense or not, any of them backwards; axes that do not move have step 0. */
function walk(draw: Draw, sizes: readonly number[], moves: readonly boolean[], innermost: number | null): Walk {
  const flipped = draw(fc.constantFrom, 0, 0, 1);
  const gap = innermost === null ? draw(fc.constantFrom, 1, 1, 1, 2) : 1;
  const round = draw(fc.constantFrom, 1, 4);
  const keys = sizes.map((_, axis) => (axis === innermost ? 100 : draw(fc.nat, 99)));
  const order = sizes.map((_, axis) => axis).toSorted((i, j) => keys[j]! - keys[i]!);
  const steps = sizes.map(() => 0);
  let start = draw(fc.constantFrom, 0, 0, 4, 3);
  let step = gap;
  for (const axis of order) {
    if (moves[axis] === false) continue;
    const turns = flipped === 1 && innermost === null && draw(fc.boolean);
    steps[axis] = turns ? -step : step;
    if (turns) start += step * Math.max(0, sizes[axis]! - 1);
    step = Math.ceil((step * sizes[axis]!) / round) * round + (step > gap ? 0 : draw(fc.constantFrom, 0, 0, round));
  }
  return { steps, start, elements: start + step + 1 };
}

/** Whole numbers where elements lie, NaN elsewhere. */
const filled = (sizes: readonly number[], { steps, start, elements }: Walk, seed: number): Float32Array => {
  const data = deviceArray("f32", elements).fill(NaN) as Float32Array;
  points(sizes).forEach((point, i) => {
    data[point.reduce((at, index, axis) => at + index * steps[axis]!, start)] = (((i + seed) * 7919) % 9) - 4;
  });
  return data;
};

const call = (dtype: DType, name: string, ...args: Expr[]): Expr => ({ kind: "call", dtype, name, args });

/** A random kernel with what it reads; a plain one leaves its sums as they are, in f32. */
export function randomContraction(draw: Draw, plain = false): ContractionCase {
  const outer = draw(fc.array<number>, size(4), { maxLength: 2 });
  const [m, n] = [draw(size, 40), draw(size, 40)];
  const k = [...draw(fc.array<number>, fc.integer({ min: 1, max: 4 }), { maxLength: 2 }), draw(size, 20)];
  if (draw(fc.nat, 30) === 0) k.splice(0, Infinity, 0);
  const moves = { a: outer.map(() => draw(fc.nat, 3) > 0), b: outer.map(() => draw(fc.boolean)) };
  const all = k.map(() => true);
  const a = walk(draw, [...outer, m, ...k], [...moves.a, true, ...all], null);
  const b = walk(draw, [...outer, n, ...k], [...moves.b, true, ...all], null);
  const c = walk(draw, [...outer, m, n], [...outer.map(() => true), true, true], outer.length + 1);
  const rank = outer.length;
  const space = [...outer, m, n];
  const source = plain ? "f32" : draw(fc.constantFrom, "f32" as const, "f32" as const, "f16" as const);
  const { epilogue, extra, numbers } = plain ? unfinished : randomEpilogue(draw, space);
  const kernel: ContractionKernel = {
    kind: "contraction",
    name: "random",
    outer: outer.map((each, i) => ({ size: each, a: a.steps[i]!, b: b.steps[i]!, c: c.steps[i]! })),
    m: { size: m, a: a.steps[rank]!, c: c.steps[rank]! },
    n: { size: n, b: b.steps[rank]! },
    k: k.map((each, i) => ({ size: each, a: a.steps[rank + 1 + i]!, b: b.steps[rank + 1 + i]! })),
    start: { a: a.start, b: b.start, c: c.start },
    epilogue,
    buffers: [source, source, ...extra.map(() => "f32" as const), epilogue.dtype],
    numbers: numbers.map(() => "f32" as const),
    schedule: { b: "rows", columns: 4 },
  };
  const seed = draw(fc.nat, 1000);
  const out = deviceArray(epilogue.dtype, c.elements).fill(1);
  const buffers = [
    filled([...outer, m, ...k], a, seed),
    filled([...outer, n, ...k], b, seed + 5),
    ...extra.map((each) => filled(space, each, seed + 7)),
    out,
  ];
  return { kernel, buffers, numbers };
}

interface RandomEpilogue {
  readonly epilogue: Expr;
  /** What it reads, beside the sum. */
  readonly extra: readonly Walk[];
  readonly numbers: readonly number[];
}

const sum: Expr = { kind: "accumulator", dtype: "f32", position: 0 };
const unfinished: RandomEpilogue = { epilogue: sum, extra: [], numbers: [] };

function randomEpilogue(draw: Draw, space: readonly number[]): RandomEpilogue {
  const moves = space.map(() => draw(fc.boolean));
  const extra = walk(draw, space, moves, null);
  const at: Affine = { constant: extra.start, coefficients: extra.steps };
  const loaded: Expr = { kind: "load", dtype: "f32", buffer: 2, at };
  const number: Expr = { kind: "number", dtype: "f32", position: 0 };
  const plain = { extra: [], numbers: [] };
  const all: readonly RandomEpilogue[] = [
    { ...plain, epilogue: sum },
    { ...plain, epilogue: sum },
    { ...plain, epilogue: { kind: "cast", dtype: "f16", value: sum } },
    { ...plain, epilogue: { kind: "cast", dtype: "i32", value: sum } },
    { epilogue: call("f32", "add", call("f32", "relu", sum), loaded), extra: [extra], numbers: [] },
    { epilogue: call("f32", "maximum", call("f32", "add", sum, loaded), number), extra: [extra], numbers: [-3] },
    { epilogue: call("bool", "greater", sum, number), extra: [], numbers: [2] },
  ];
  return all[draw(fc.nat, all.length - 1)]!;
}
