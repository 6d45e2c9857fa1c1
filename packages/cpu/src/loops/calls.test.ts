import { describe, expect, test } from "vitest";
import type { Expr, LoopKernel } from "@steelyard/compiler";
import { castValue, deviceArray, rounded, scalarFunction } from "@steelyard/compiler/testing";
import { registry, type DType } from "@steelyard/core";
import { runLoop } from "../../test/loops/run-loop.ts";

/** What these tests need of a row of core's tables. */
interface Row {
  readonly name: string;
  readonly arity: 1 | 2;
  readonly accepts?: "float" | "number" | "bits" | "any";
  readonly result?: DType;
  readonly units: number;
  readonly domain?: readonly [number, number];
  readonly domains?: readonly (readonly [number, number])[];
}

const rows = registry.flatMap((primitive) => ("row" in primitive ? [primitive.row as Row] : []));
const dtypes: readonly DType[] = ["f32", "f16", "i32", "u32", "bool"];
const accepted: Readonly<Record<NonNullable<Row["accepts"]>, readonly DType[]>> = {
  float: ["f32", "f16"],
  number: ["f32", "f16", "i32", "u32"],
  bits: ["i32", "u32", "bool"],
  any: dtypes,
};
// A map whose value f64 arithmetic determines: every special value has to be right, bit for bit.
const exact = new Set(["add", "sub", "mul", "div", "square", "reciprocal", "sqrt"]);
const isExact = ({ name, units }: Row): boolean => units === 0 || exact.has(name);

const awkward: Readonly<Record<DType, readonly number[]>> = {
  f32: [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.7, 2 ** -149, 2 ** -126, 3.4e38, -3.4e38, Infinity, -Infinity, NaN],
  f16: [0, -0, 1, -1, 0.5, -1.5, 2.5, 2 ** -24, 2 ** -14, 2049, 65504, -65504, Infinity, -Infinity, NaN],
  f64: [],
  i32: [0, 1, -1, 2, -2, 7, -7, 31, 32, 33, 0x7fffffff, -0x7fffffff, -0x80000000, 123456789],
  u32: [0, 1, 2, 7, 31, 32, 33, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff9, 3000000000],
  bool: [0, 1],
};

/** The values of an expression of buffers 0 and 1, for each pair of elements. */
function valuesOf(
  expr: Expr,
  operandType: DType,
  a: readonly number[],
  b: readonly number[],
  numbers: readonly number[],
) {
  const kernel: LoopKernel = {
    kind: "loop",
    name: "call",
    space: [a.length],
    reduced: [],
    accumulators: [],
    stores: [{ buffer: 2, at: index, expr }],
    buffers: [operandType, operandType, expr.dtype],
    numbers: numbers.map(() => operandType),
  };
  const buffers = [deviceArray(operandType, a), deviceArray(operandType, b), deviceArray(expr.dtype, a.length)];
  return Array.from(runLoop(kernel, buffers, numbers)[2]!);
}

const index = { constant: 0, coefficients: [1] };
const load = (dtype: DType, buffer: number): Expr => ({ kind: "load", dtype, buffer, at: index });

/** Numbers of an interval, in an order that depends on the step. */
const sample = ([low, high]: readonly [number, number], seed: number): number[] =>
  Array.from({ length: 1001 }, (_, i) => Math.fround(low + (high - low) * ((i * seed) % 1000) * 0.001));

describe("scalar functions", () => {
  const cases = rows.flatMap((row) => accepted[row.accepts ?? "float"].map((dtype) => ({ row, dtype })));

  test.each(cases.filter(({ row }) => isExact(row)).map(({ row, dtype }) => ({ row, dtype, name: row.name })))(
    "$name of $dtype is what core says, of loads, constants and numbers",
    ({ row, dtype }) => {
      const of = scalarFunction(row.name, dtype);
      const resultType = row.result ?? dtype;
      const values = awkward[dtype].map((value) => rounded(value, dtype));
      const a = values.flatMap((x) => values.map(() => x));
      const b = values.flatMap(() => values);
      const expected = (xs: readonly number[], ys: readonly number[]): number[] =>
        xs.map((x, i) => rounded(of(x, ys[i]!), resultType));
      const call = (...args: Expr[]): Expr => ({ kind: "call", dtype: resultType, name: row.name, args });
      if (row.arity === 1) {
        expect(valuesOf(call(load(dtype, 0)), dtype, a, b, [])).toEqual(expected(a, b));
        return;
      }
      expect(valuesOf(call(load(dtype, 0), load(dtype, 1)), dtype, a, b, [])).toEqual(expected(a, b));
      for (const value of values) {
        const fixed = values.map(() => value);
        const constant: Expr = { kind: "constant", dtype, value };
        const number: Expr = { kind: "number", dtype, position: 0 };
        const operand = load(dtype, 0);
        expect(valuesOf(call(operand, constant), dtype, values, values, [])).toEqual(expected(values, fixed));
        expect(valuesOf(call(constant, operand), dtype, values, values, [])).toEqual(expected(fixed, values));
        expect(valuesOf(call(operand, number), dtype, values, values, [value])).toEqual(expected(values, fixed));
      }
    },
  );

  test.each(["maximum", "minimum"])("%s with two numbers is right whichever of them is awkward", (name) => {
    const of = scalarFunction(name, "f32");
    const values = awkward.f32.map((value) => rounded(value, "f32"));
    const against = (expr: Expr, position: number): Expr => {
      return { kind: "call", dtype: "f32", name, args: [expr, { kind: "number", dtype: "f32", position }] };
    };
    const expr = against(against(load("f32", 0), 0), 1);
    for (const first of values) {
      for (const second of values) {
        const expected = values.map((x) => of(of(x, first), second));
        expect(valuesOf(expr, "f32", values, values, [first, second])).toEqual(expected);
      }
    }
  });

  test.each(
    cases.filter(({ row, dtype }) => !isExact(row) && dtype === "f32").map(({ row }) => ({ row, name: row.name })),
  )("$name of f32 stays within the rounding error of its row", ({ row }) => {
    const domains = row.domains ?? [row.domain!, row.domain!];
    const [a, b] = [sample(domains[0]!, 1), sample(domains[1]!, 37)];
    const args = row.arity === 1 ? [load("f32", 0)] : [load("f32", 0), load("f32", 1)];
    const values = valuesOf({ kind: "call", dtype: "f32", name: row.name, args }, "f32", a, b, []);
    const of = scalarFunction(row.name, "f32");
    values.forEach((value, i) => {
      const reference = of(a[i]!, b[i]!);
      expect(Math.abs(value - reference)).toBeLessThanOrEqual(row.units * 2 ** -24 * Math.abs(reference) + 2 ** -149);
    });
  });
});

describe("casts", () => {
  test.each(dtypes.flatMap((from) => dtypes.map((to) => ({ from, to }))))(
    "from $from to $to are core's",
    ({ from, to }) => {
      const values = [...awkward[from], ...awkward[from].map((x) => x * 3e9)].map((value) => rounded(value, from));
      const cast: Expr = { kind: "cast", dtype: to, value: load(from, 0) };
      expect(valuesOf(cast, from, values, values, [])).toEqual(values.map((value) => castValue(value, from, to)));
    },
  );
});
