import process from "node:process";
import { hostArray, type DType, type HostArray, type MapPrimitive } from "@steelyard/core";
import { afterAll, describe, expect, test } from "vitest";
import { around, ofAllFloats, pairs, specialPairs, floatOf } from "../../cpu/src/functions/testing/samples.ts";
import { flushesSubnormals, without } from "./adapter.ts";
import { largestError } from "./functions/accuracy.ts";
import { evaluate, evaluateRoughly, rows } from "./functions/evaluate.ts";
import { closeGpu } from "./run-shader.ts";

// The scalar functions on an adapter: their special values, and how far they are off elsewhere.

type Row = MapPrimitive["row"];
type Operands = readonly Float32Array[];

// The largest errors found, rounded up, as each docstring has them.
const bounds: Readonly<Record<string, number>> = {
  exp: 1.7,
  expm1: 2,
  log: 1.5,
  log1p: 2.2,
  tanh: 3,
  sigmoid: 3.1,
  softplus: 2.9,
  sin: 2.5,
  cos: 2.5,
  erf: 2.9,
  sqrt: 1,
  reciprocal: 1,
  rsqrt: 1.51,
  square: 1,
  add: 1,
  sub: 1,
  mul: 1,
  div: 1,
  mod: 1,
  pow: 3,
};

// The same where the quotients and roots of the adapter are as far off as WGSL lets them be.
const roughBounds: Readonly<Record<string, number>> = { log: 2, log1p: 3, softplus: 4, sigmoid: 7.1, tanh: 7 };

// Where something happens: the ends of the domains, of the polynomials, and of the floats; multiples of π/2 and of ln 2/2.
const places = [
  [0, 2 ** -149, 2 ** -127, 2 ** -126, 2 ** -64, 2 ** -49, 2 ** -26, 2 ** -25, 2 ** -24, 2 ** -12, 0.25, 0.5, 1, 2],
  [2 ** 20, 2 ** 22, 2 ** 23, 2 ** 24, 2 ** 25, 2 ** 26, 2 ** 126, 2 ** 127, Infinity, NaN],
  [Math.SQRT1_2, Math.SQRT2, Math.SQRT2 - 1, 1 - Math.SQRT1_2, 3.9375, 9.01, 10, 17.3, 20],
  [87.33655, 88.376, 88.72284, 89, 90, 103.27893, 103.97208, 105],
  [0.5, 1, 2, 3, 4, 5, 7, 100, 1000, 2 ** 19].map((n) => (n * Math.PI) / 2),
  [1, 2, 3, 5, 8, 127, 253].map((n) => (n * Math.LN2) / 2),
  // The f32 nearest to multiples of π/2, as the continued fractions of 2ᵉ·2/π give them; the last needs the most bits of π.
  [16367173 * 2 ** 72, 10741887 * 2 ** 11, 16573937 * 2 ** -16, 12438944 * 2 ** 104],
].flat();

const isLong = process.env["STEELYARD_FUZZ"] === "long";

/** 2¹⁶ floats of all sizes (2²² under STEELYARD_FUZZ=long), and all near places. */
function unarySamples(): Operands[] {
  return [...[...ofAllFloats(isLong ? 2 ** 10 : 2 ** 16)].map((xs) => [xs]), [around(places, isLong ? 1000 : 100)]];
}

const anyPairs = lazily(() => [
  pairs((_, random) => floatOf(random * 2 ** 32)),
  pairs((x, random) => x * (random - 0.5)),
  pairs((x, random) => x / Math.floor(random * 1000)),
  pairs((_, random) => random),
]);
const powerPairs = lazily(() => [
  pairs((x, random) => ((2 * random - 1) * 110) / Math.abs(Math.log(Math.abs(x)))),
  pairs((_, random) => Math.floor(random * 60) - 30),
  nearOne(pairs((_, random) => (random - 0.5) * 1000)),
]);

function lazily(make: () => Operands[]): () => Operands[] {
  let made: Operands[] | null = null;
  // One of 64 by default.
  const some = (operands: Operands): Operands => operands.map((each) => each.filter((_, i) => isLong || i % 64 === 0));
  return () => (made ??= make().map(some));
}

/** All special pairs, and 2¹⁶ others (2²² under STEELYARD_FUZZ=long). */
function binarySamples(name: string): Operands[] {
  return [specialPairs(), ...anyPairs(), ...(name === "pow" ? powerPairs() : [])];
}

/** Bases from ½ to 2, with the fractions they had. */
function nearOne([xs, ys]: Operands): Operands {
  const bits = new Uint32Array(xs!.buffer).map(
    (each, i) => (each & 0x7fffff) | (i % 2 === 0 ? 0x3f800000 : 0x3f000000),
  );
  return [new Float32Array(bits.buffer), ys!];
}

/** All samples of a function behind each other: so it is compiled once. */
function samplesOf({ name, arity }: Row): Operands {
  const samples = arity === 1 ? unarySamples() : binarySamples(name);
  return Array.from({ length: arity }, (_, side) => {
    return Float32Array.from(samples.flatMap((operands) => [...operands[side]!]));
  });
}

/** How large the numbers are that count as zeros on this adapter: at most the subnormal ones. */
const flushed = flushesSubnormals ? 2 ** -126 : 0;

/** Without the pairs that hold a subnormal number, which counts as 0 on some adapters. */
function normalOnly(operands: Operands): Operands {
  return operands.map((each) => each.filter((_, i) => operands.every((operand) => !isSubnormal(operand[i]!))));
}

function isSubnormal(x: number): boolean {
  return x !== 0 && Math.abs(x) < 2 ** -126;
}

function exactValue(row: Row, dtype: DType, operands: readonly number[]): number {
  const isWhole = dtype === "i32" || dtype === "u32";
  const f: (...values: number[]) => number = isWhole ? (row.integer ?? row.at) : row.at;
  return f(...operands);
}

const integers = [0, 1, -1, 2, -2, 3, 7, -9, 15, 31, 32, 33, 255, 65537, -65537, 0x7fffffff, -0x80000000, -0x7fffffff];

/** All special values of a dtype, or all pairs of them. */
function specialsOf({ arity }: Row, dtype: DType): HostArray[] {
  const values = dtype === "bool" ? [0, 1] : integers;
  const firsts = arity === 1 ? values : values.flatMap((a) => values.map(() => a));
  const seconds = values.flatMap(() => values);
  return [firsts, seconds].slice(0, arity).map((each) => hostArray(dtype, each));
}

function expectExact(row: Row, dtype: DType, operands: readonly HostArray[], values: HostArray): void {
  const result = row.result ?? dtype;
  const at = (i: number): number[] => operands.map((operand) => operand[i]!);
  const exact = hostArray(
    result,
    Array.from(values, (_, i) => exactValue(row, dtype, at(i))),
  );
  const wrong = exact.findIndex((each, i) => !Object.is(each, values[i]));
  expect(wrong, `${row.name}(${at(wrong).join(", ")}) is ${values[wrong]}, and should be ${exact[wrong]}`).toBe(-1);
}

const all = [...rows.values()];
const accepts = (row: Row, ...kinds: readonly (Row["accepts"] | undefined)[]): boolean =>
  kinds.includes(row.accepts ?? "float");
const ofFloats = all.filter((row) => accepts(row, "float", "number", "any"));
const rounding = ofFloats.filter(({ units }) => units > 0);
const exact = ofFloats.filter(({ units }) => units === 0);
const ofIntegers = (["i32", "u32"] as const).flatMap((dtype) => {
  return all.filter((row) => accepts(row, "number", "bits", "any")).map((row) => ({ name: row.name, dtype, row }));
});
const ofTruths = all
  .filter((row) => accepts(row, "bits", "any"))
  .map((row) => ({ name: row.name, dtype: "bool" as const, row }));

const title = `functions in WGSL${without.because}`;

describe.skipIf(without.device)(title, { timeout: isLong ? 600_000 : 60_000 }, () => {
  afterAll(closeGpu);

  test("err by no more than core's table allows", () => {
    expect(Object.keys(bounds).toSorted()).toEqual(rounding.map(({ name }) => name).toSorted());
    for (const { name, units } of rounding) expect(bounds[name]).toBeLessThanOrEqual(units === 1 ? 1 : units / 2);
  });

  test.each(rounding)("$name errs by no more than was measured", async (row) => {
    const losesSubnormals = flushesSubnormals && ["add", "sub", "mul", "mod", "erf"].includes(row.name);
    const operands = losesSubnormals ? normalOnly(samplesOf(row)) : samplesOf(row);
    const values = await evaluate(row.name, "f32", ...operands);
    const at = (i: number): number[] => operands.map((operand) => operand[i]!);
    const { error, at: i } = largestError(values, (k) => exactValue(row, "f32", at(k)), flushed);
    const got = `${row.name}(${at(i).join(", ")}) is ${values[i]}, and should be ${exactValue(row, "f32", at(i))}`;
    expect(error, got).toBeLessThanOrEqual(bounds[row.name]!);
  });

  test.each(exact)(
    "$name of f32 is exact, of subnormal numbers, zeros of both signs, infinities and NaN too",
    async (row) => {
      const operands = samplesOf(row);
      expectExact(row, "f32", operands, await evaluate(row.name, "f32", ...operands));
    },
  );

  test.each([...ofIntegers, ...ofTruths])("$name of $dtype is exact", async ({ name, dtype, row }) => {
    const operands = specialsOf(row, dtype);
    expectExact(row, dtype, operands, await evaluate(name, dtype, ...operands));
  });

  test.each(["div", "reciprocal", "sqrt"])("%s gives the f32 nearest to the exact value", async (name) => {
    const row = rows.get(name)!;
    const operands = samplesOf(row);
    expectExact(row, "f32", operands, await evaluate(name, "f32", ...operands));
  });

  test.each(["div", "sqrt", "rsqrt", "pow", "log", "log1p", "softplus", "sigmoid", "tanh"])(
    "%s is what it is where the adapter's quotients and roots are off by 2.5 units in the last place",
    async (name) => {
      const row = rows.get(name)!;
      const operands = samplesOf(row);
      const values = await evaluate(name, "f32", ...operands);
      const rough = await evaluateRoughly(name, ...operands);
      const at = (i: number): number[] => operands.map((operand) => operand[i]!);
      if (roughBounds[name] === undefined) expect(rough).toEqual(values);
      else {
        expect(rough).not.toEqual(values);
        const { error } = largestError(rough, (k) => exactValue(row, "f32", at(k)), flushed);
        expect(error).toBeLessThanOrEqual(Math.min(roughBounds[name], row.units));
      }
    },
  );

  test("mod of numbers of one sign is exact, however large the quotient", async () => {
    const row = rows.get("mod")!;
    const operands = samplesOf(row).map((each) => each.map(Math.abs));
    expectExact(row, "f32", operands, await evaluate("mod", "f32", ...operands));
  });

  test("pow is exact where the power of whole numbers is an f32", async () => {
    const bases = Array.from({ length: 301 }, (_, i) => i - 150);
    const known = bases.flatMap((x) => Array.from({ length: 25 }, (_, y) => [x, y] as const));
    const small = known.filter(([x, y]) => Math.abs(x) ** y <= 2 ** 24);
    const operands = [0, 1].map((side) => Float32Array.from(small, (pair) => pair[side]!));
    expectExact(rows.get("pow")!, "f32", operands, await evaluate("pow", "f32", ...operands));
  });

  test.each(["tanh", "sigmoid", "erf", "sin", "cos"])("%s stays within 1, to the last bit", async (name) => {
    const [xs] = samplesOf(rows.get(name)!);
    const values = await evaluate(name, "f32", xs!);
    const outside = values.findIndex((y) => Math.abs(y) > 1);
    expect(outside, `${name}(${xs![outside]}) is ${values[outside]}`).toBe(-1);
  });
});
