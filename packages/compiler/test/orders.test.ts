import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sizeOf, type Attrs, type DType, type Shape } from "@steelyard/core";
import { input, out as output, type Lowered } from "../src/lowered.ts";
import { lowerOrder } from "../src/orders/lower.ts";
import { argSortByNetwork } from "../src/orders/network.ts";
import type { Stored, Work } from "../src/orders/terms.ts";
import { fuzz } from "./fuzz.ts";
import { interpreted, layouts, place, plain, primitiveOf, run, valuesOf, whole, type Layout } from "./placed.ts";

interface Setting {
  readonly layouts: readonly [Layout, Layout, Layout];
  readonly seed: number;
}

const settings: fc.Arbitrary<Setting> = fc.record({ layouts: fc.tuple(layouts, layouts, layouts), seed: fc.nat() });
const simple: Setting = { layouts: [plain, plain, plain], seed: 1 };

interface Operand {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly values: readonly number[];
}

type Lower = (attrs: Attrs, ins: readonly Stored[], out: Stored) => Lowered;

/** As the planner does, or by a way that it would take for larger shapes. */
const usual =
  (name: string): Lower =>
  (attrs, ins, out) =>
    lowerOrder({ primitive: primitiveOf(name), attrs }, ins, out);

const byNetwork: Lower = (attrs, [x], out) => {
  const work: Work = { steps: [], scratch: [] };
  argSortByNetwork(work, x!, attrs["axis"] as number, attrs["descending"] === true, out);
  return work;
};

/** Lowers and runs the call on operands that lie anyhow, and compares with the interpreter. */
function check(
  name: string,
  operands: readonly Operand[],
  attrs: Attrs,
  { layouts: [a, b, c] }: Setting,
  lower: Lower = usual(name),
): Lowered {
  const ins = operands.map(({ shape, dtype, values }, i) => place(shape, values, [a, b][i]!, null, dtype));
  const { shape, dtype } = primitiveOf(name).infer(operands, attrs);
  const out = place(shape, new Array<number>(sizeOf(shape)).fill(NaN), c, null, dtype);
  const stored = ins.map(({ view }, i) => ({ operand: input(i), view, dtype: operands[i]!.dtype }));
  const lowered = lower(attrs, stored, { operand: output, view: out.view, dtype });
  run(
    lowered,
    ins.map(({ data }) => data),
    out,
  );
  const given = operands.map(({ values }) => values);
  expect(valuesOf(out)).toEqual(interpreted(name, operands, given, attrs));
  return lowered;
}

const numeric = fc.constantFrom<DType>("f32", "f16", "i32", "u32");
const sides = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 });
/** The sizes on both sides of an axis. */
const around = fc.tuple(sides, sides);

/** Whole numbers that the dtype has, few enough to be equal often. */
function numbers(dtype: DType, count: number, seed: number, bound: number): number[] {
  return whole(count, seed, bound).map((x) => (dtype === "u32" ? x + bound : x));
}

const lines = fc.record({
  around,
  size: fc.integer({ min: 1, max: 11 }),
  dtype: numeric,
  descending: fc.boolean(),
  bound: fc.integer({ min: 1, max: 9 }),
});

describe("orders lowered to kernels give what the interpreter gives", () => {
  test("the indices that sort, equals in their order", () => {
    fc.assert(
      fc.property(lines, settings, ({ around: [before, after], size, dtype, descending, bound }, setting) => {
        const shape = [...before, size, ...after];
        const values = numbers(dtype, sizeOf(shape), setting.seed, bound);
        check("argSort", [{ shape, dtype, values }], { axis: before.length, descending }, setting);
      }),
      fuzz(100),
    );
  });

  test("and by a network", () => {
    const longer = fc.record({ size: fc.integer({ min: 2, max: 40 }), rest: lines });
    fc.assert(
      fc.property(longer, settings, ({ size, rest: { around: sidesOf, dtype, descending, bound } }, setting) => {
        const [before, after] = sidesOf.map((list) => list.slice(0, 1)) as [number[], number[]];
        const shape = [...before, size, ...after];
        const values = numbers(dtype, sizeOf(shape), setting.seed, bound);
        check("argSort", [{ shape, dtype, values }], { axis: before.length, descending }, setting, byNetwork);
      }),
      fuzz(60),
    );
  });

  test.each([false, true])("NaN behind all numbers and zeros as equals, descending: %s", (descending) => {
    const floats = [NaN, 1, Infinity, -0, 0, NaN, -Infinity, 2, 1, Infinity, -0, NaN, -Infinity];
    const signed = [0x7fffffff, -0x80000000, 0, -1, 0x7fffffff, -0x80000000];
    const unsigned = [0xffffffff, 0, 0x80000000, 1, 0xffffffff, 0];
    const cases: [DType, number[]][] = [["f32", floats], ["f16", floats], ["i32", signed], ["u32", unsigned]]; // prettier-ignore
    for (const [dtype, values] of cases) {
      const x = { shape: [values.length], dtype, values };
      for (const lower of [usual("argSort"), byNetwork]) check("argSort", [x], { axis: 0, descending }, simple, lower);
    }
  });

  test("running sums, from either end", () => {
    const summed = fc.record({
      around,
      size: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 250, max: 300 })),
      dtype: numeric,
      exclusive: fc.boolean(),
      reverse: fc.boolean(),
    });
    fc.assert(
      fc.property(summed, settings, ({ around: [before, after], size, dtype, exclusive, reverse }, setting) => {
        const shape = [...before, size, ...after];
        const values = numbers(dtype, sizeOf(shape), setting.seed, 3);
        check("cumsum", [{ shape, dtype, values }], { axis: before.length, exclusive, reverse }, setting);
      }),
      fuzz(60),
    );
  });

  test("a running sum is spoilt from the first NaN on, and infinities of both signs give one", () => {
    const values = Array.from({ length: 70 }, (_, i) => (i === 20 ? -Infinity : i === 40 ? Infinity : i % 5));
    for (const given of [values, values.with(3, NaN)]) {
      for (const reverse of [false, true]) {
        const x: Operand = { shape: [70], dtype: "f32", values: given };
        check("cumsum", [x], { axis: 0, exclusive: reverse, reverse }, simple);
      }
    }
  });

  test("additions to rows, those at indices outside left out", () => {
    const places = fc.record({
      around,
      indices: sides,
      size: fc.integer({ min: 1, max: 6 }),
      dtype: numeric,
      index: fc.constantFrom<DType>("i32", "u32"),
    });
    fc.assert(
      fc.property(places, settings, ({ around: [before, after], indices, size, dtype, index }, setting) => {
        const shape = [...before, ...indices, ...after];
        const updates = { shape, dtype, values: numbers(dtype, sizeOf(shape), setting.seed, 9) };
        // From −2 to 2, or from 0 to 2·size.
        const at = whole(sizeOf(indices), setting.seed + 1, size).map((i) => (index === "u32" ? i + size : i));
        const operands = [updates, { shape: indices, dtype: index, values: at }];
        check("scatterAdd", operands, { axis: before.length, size }, setting);
      }),
      fuzz(100),
    );
  });

  test("a NaN is added to its own row alone", () => {
    const updates: Operand = { shape: [4], dtype: "f32", values: [1, NaN, 2, Infinity] };
    const indices: Operand = { shape: [4], dtype: "i32", values: [0, 1, 0, 3] };
    check("scatterAdd", [updates, indices], { axis: 0, size: 4 }, simple);
  });
});
