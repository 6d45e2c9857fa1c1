import type { MapPrimitive } from "@steelyard/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { i32, Locals, types, type Code } from "../assembler/assembler.ts";
import { flatten } from "../assembler/code.ts";
import { floatFunctions } from "./functions.ts";
import { largestError } from "./testing/accuracy.ts";
import { evaluate } from "./testing/evaluate.ts";
import { rows } from "./testing/rows.ts";
import { around, floatOf, ofAllFloats, spacing } from "./testing/samples.ts";

type UnaryRow = Extract<MapPrimitive["row"], { arity: 1 }>;

const drop = 0x1a;

// The largest errors found, rounded up, as each docstring has them.
const unaryBounds: Readonly<Record<string, number>> = {
  exp: 1.7,
  expm1: 2,
  log: 1.4,
  log1p: 2,
  tanh: 3,
  sigmoid: 3.2,
  softplus: 3,
  sin: 2.3,
  cos: 2.3,
  erf: 3,
  rsqrt: 1.51,
};

// Where something happens: the ends of the domains, of the polynomials, and of the floats; multiples of π/2 and of ln 2/2.
const places = [
  [0, 2 ** -149, 2 ** -126, 2 ** -64, 2 ** -25, 2 ** -24, 2 ** -12, 0.5, 1, 2, 2 ** 20, 2 ** 24, 2 ** 127, Infinity],
  [Math.SQRT1_2, Math.SQRT2, Math.SQRT2 - 1, 1 - Math.SQRT1_2, 3.9375, 9.01, 10, 17.3, 20],
  [87.33655, 88.376, 88.72284, 89, 90, 103.27893, 103.97208, 105],
  [1, 2, 3, 4, 5, 7, 100, 1000, 2 ** 19].map((n) => (n * Math.PI) / 2),
  [1, 2, 3, 5, 8, 127, 253].map((n) => (n * Math.LN2) / 2),
].flat();

// The f32 nearest to multiples of π/2, as the continued fractions of 2ᵉ·2/π give them.
// The last is the nearest of the largest, which need the most bits of π.
const nearMultiples = [16367173 * 2 ** 72, 10741887 * 2 ** 11, 16573937 * 2 ** -16, 12438944 * 2 ** 104];

function unaryRow(name: string): UnaryRow {
  return rows.get(name) as UnaryRow;
}

function expectWithin(name: string, xs: Float32Array, bound: number): void {
  const values = evaluate(floatFunctions[name]!, xs);
  const { at } = unaryRow(name);
  const { error, at: worst } = largestError(values, (i) => at(xs[i]!));
  expect(error, `${name}(${xs[worst]}) is ${values[worst]}, and should be ${at(xs[worst]!)}`).toBeLessThanOrEqual(
    bound,
  );
}

test("the table has every map of core that WebAssembly has no instruction for", () => {
  const instructions = [
    "neg",
    "abs",
    "square",
    "reciprocal",
    "sqrt",
    "floor",
    "ceil",
    "round",
    "add",
    "sub",
    "mul",
    "div",
  ];
  const choices = ["relu", "sign", "not", "maximum", "minimum"];
  const onBits = ["and", "or", "xor", "shiftLeft", "shiftRight"];
  const bySelection = ["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"];
  const others = [...rows.keys()].filter((name) => {
    return ![...instructions, ...choices, ...onBits, ...bySelection].includes(name);
  });
  expect(Object.keys(floatFunctions).toSorted()).toEqual(others.toSorted());
});

describe.each(Object.entries(unaryBounds))("%s", (name, bound) => {
  test("errs by at most half of what core's table allows", () => {
    expect(bound).toBeLessThanOrEqual(unaryRow(name).units / 2);
  });

  test(`errs by at most ${bound}u on a sample of all f32`, () => {
    for (const xs of ofAllFloats(spacing)) expectWithin(name, xs, bound);
  });

  test("errs no more near the ends of its domain and of its approximations", () => {
    expectWithin(name, around([...places, ...nearMultiples], 1000), bound);
  });
});

describe("special values", () => {
  const inf = Infinity;
  // prettier-ignore
  const expected: readonly (readonly [string, readonly [x: number, y: number][]])[] = [
    ["exp", [[0, 1], [-0, 1], [inf, inf], [-inf, 0], [89, inf], [-104, 0], [NaN, NaN]]],
    ["expm1", [[0, 0], [-0, -0], [inf, inf], [-inf, -1], [89, inf], [-30, -1], [NaN, NaN]]],
    ["log", [[1, 0], [0, -inf], [-0, -inf], [inf, inf], [-1, NaN], [-inf, NaN], [-(2 ** -149), NaN], [NaN, NaN]]],
    ["log1p", [[0, 0], [-0, -0], [-1, -inf], [inf, inf], [-1.5, NaN], [-inf, NaN], [NaN, NaN]]],
    ["tanh", [[0, 0], [-0, -0], [inf, 1], [-inf, -1], [NaN, NaN]]],
    ["sigmoid", [[0, 0.5], [-0, 0.5], [inf, 1], [-inf, 0], [NaN, NaN]]],
    ["softplus", [[inf, inf], [-inf, 0], [100, 100], [NaN, NaN]]],
    ["sin", [[0, 0], [-0, -0], [inf, NaN], [-inf, NaN], [NaN, NaN]]],
    ["cos", [[0, 1], [-0, 1], [inf, NaN], [-inf, NaN], [NaN, NaN]]],
    ["erf", [[0, 0], [-0, -0], [inf, 1], [-inf, -1], [NaN, NaN]]],
    ["rsqrt", [[4, 0.5], [0, inf], [-0, -inf], [inf, 0], [-1, NaN], [NaN, NaN]]],
  ];
  test.each(expected)("%s has the values of Math there, signs of zeros included", (name, pairs) => {
    const values = evaluate(
      floatFunctions[name]!,
      Float32Array.from(pairs, ([x]) => x),
    );
    expect([...values]).toEqual(pairs.map(([, y]) => y));
  });
});

test("what is bounded by 1 stays there, to the last bit", () => {
  for (const name of ["tanh", "sigmoid", "erf", "sin", "cos"]) {
    for (const xs of ofAllFloats(2 ** 14)) {
      const outside = evaluate(floatFunctions[name]!, xs).findIndex((y) => Math.abs(y) > 1);
      expect(outside, `${name}(${xs[outside]})`).toBe(-1);
    }
  }
});

const anyFloat = fc.nat(2 ** 32 - 1).map(floatOf);

describe.each(Object.keys(floatFunctions))("%s", (name) => {
  const of = floatFunctions[name]!;
  const { arity } = rows.get(name)!;

  test("gives a number the same bits whatever its neighbours are", () => {
    const lanes = fc.array(anyFloat, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(lanes, { minLength: arity, maxLength: arity }), (operands) => {
        const together = evaluate(of, ...operands.map((operand) => Float32Array.from(operand)));
        const alone = [0, 1, 2, 3].map((lane) => {
          return evaluate(of, ...operands.map((operand) => new Float32Array(4).fill(operand[lane]!)))[lane];
        });
        expect([...together]).toEqual(alone);
      }),
      { numRuns: 30 },
    );
  });

  test("computes each operand once", () => {
    const marker = flatten([i32.const(0x0badcafe), drop]);
    const locals = new Locals();
    const operands = Array.from({ length: arity }, (): Code => [marker, locals.add(types.v128).get]);
    const code = flatten(of(locals, ...operands)).join();
    expect(code.split(marker.join())).toHaveLength(arity + 1);
  });
});
