import { requireAgreement } from "@steelyard/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { argSort, avgPool, cumsum, gradients, maxPool, scatterAdd, sizeOf, tensor, zeros } from "@steelyard/core";
import type { Attrs, DType, Shape, Tensor } from "@steelyard/core";
import { input, out as output, type Lowered } from "../src/lowered.ts";
import { lowerOrder } from "../src/orders/lower.ts";
import { argSortByNetwork } from "../src/orders/network.ts";
import { scatterAddBySegments } from "../src/orders/segments.ts";
import type { Stored, Work } from "../src/orders/terms.ts";
import { simulatedDevice } from "../src/testing/simulated-device.ts";
import { fuzz } from "./fuzz.ts";
import { interpreted, layouts, place, plain, primitiveOf, run, valuesOf, whole, type Layout } from "./placed.ts";
import { namesOf, planned } from "./planned.ts";

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

const bySegments: Lower = (attrs, [updates, indices], out) => {
  const work: Work = { steps: [], scratch: [] };
  scatterAddBySegments(work, { updates: updates!, indices: indices!, axis: attrs["axis"] as number, out });
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

  test.each([
    ["by asking every row", usual("scatterAdd"), 3],
    ["by sorting the updates", bySegments, 9],
  ])("additions to rows %s, those at indices outside left out", (_, lower, most) => {
    const places = fc.record({
      around,
      indices: fc.array(fc.integer({ min: 1, max: most }), { maxLength: 2 }),
      size: fc.integer({ min: 1, max: 6 }),
      dtype: numeric,
      index: fc.constantFrom<DType>("i32", "u32"),
    });
    fc.assert(
      fc.property(places, settings, ({ around: [before, after], indices, size, dtype, index }, setting) => {
        const shape = [...before, ...indices, ...after];
        const updates = { shape, dtype, values: numbers(dtype, sizeOf(shape), setting.seed, 9) };
        // From −size to size, or from 0 to 2·size.
        const at = whole(sizeOf(indices), setting.seed + 1, size).map((i) => (index === "u32" ? i + size : i));
        const operands = [updates, { shape: indices, dtype: index, values: at }];
        check("scatterAdd", operands, { axis: before.length, size }, setting, lower);
      }),
      fuzz(60),
    );
  });

  test("indices of u32 are never negative", () => {
    const updates: Operand = { shape: [4], dtype: "f32", values: [1, 2, 4, 8] };
    const indices: Operand = { shape: [4], dtype: "u32", values: [0, 0xffffffff, 0x80000000, 2] };
    for (const lower of [usual("scatterAdd"), bySegments]) {
      check("scatterAdd", [updates, indices], { axis: 0, size: 3 }, simple, lower);
    }
  });

  test("no updates leave zeros", () => {
    const operands: Operand[] = [{ shape: [2, 0, 3], dtype: "f32", values: [] }, { shape: [0], dtype: "i32", values: [] }]; // prettier-ignore
    check("scatterAdd", operands, { axis: 1, size: 4 }, simple);
  });

  test("a NaN is added to its own row alone", () => {
    const updates: Operand = { shape: [4], dtype: "f32", values: [1, NaN, 2, Infinity] };
    const indices: Operand = { shape: [4], dtype: "i32", values: [0, 1, 0, 3] };
    for (const lower of [usual("scatterAdd"), bySegments]) {
      check("scatterAdd", [updates, indices], { axis: 0, size: 4 }, simple, lower);
    }
  });
});

/** Data of the shape; a plan does not depend on its numbers. */
const data = (dtype: DType, ...shape: number[]): Tensor =>
  tensor(new Array<number>(sizeOf(shape)).fill(0), { shape, dtype });

const added = (updates: number, rows: number, columns: number): Tensor =>
  scatterAdd(zeros([rows, columns]), data("i32", updates), data("f32", updates, columns));

describe("plans of orders", () => {
  test("short lines are sorted in two kernels, long ones in as many as rounds of the network", async () => {
    expect(namesOf(await planned([argSort(data("f32", 100, 20))]))).toEqual(["ranks of argSort", "argSort"]);
    const names = namesOf(await planned([argSort(data("f32", 1024))]));
    // Keys, 8 elements each, the stages of 16 … 1024 with two, two, two, three, three, three and four rounds, indices.
    expect(names).toHaveLength(1 + 1 + 19 + 1);
    expect(names.filter((name) => name === "sort 8 in 64")).toHaveLength(4);
  });

  test("running sums take one kernel, or two for each sixteenth part", async () => {
    expect(namesOf(await planned([cumsum(data("f32", 16))]))).toEqual(["cumsum"]);
    expect(namesOf(await planned([cumsum(data("f32", 256))]))).toEqual(["sums of cumsum", "cumsum", "cumsum"]);
  });

  test("the host adds where it is quicker, unless it stalls the device", async () => {
    expect(namesOf(await planned([added(2000, 20, 8)]))).toContain("scatterAdd");
    expect(namesOf(await planned([added(2000, 100, 8)]))).toContain("host scatterAdd");
    const stalled = { columns: 8, panels: true, hostStalls: true };
    const [few, many] = [await planned([added(2000, 100, 8)], stalled), await planned([added(2000, 1100, 8)], stalled)]; // prettier-ignore
    expect([few, many].flatMap(({ commands }) => commands.map(({ kind }) => kind))).not.toContain("host");
    expect(namesOf(few).filter((name) => name.includes("sort"))).toEqual([]);
    expect(namesOf(many)).toContain("ends of rows");
  });

  test("half precision has kernels for windows, forwards and backwards", async () => {
    const x = data("f16", 2, 6, 6, 3);
    const y = maxPool(x, { window: 2 }).mul(avgPool(x, { window: 2 }));
    const plan = await planned([y, ...gradients(y.sum(), [x])]);
    expect(plan.commands.map(({ kind }) => kind)).not.toContain("host");
  });
});

describe("orders within the limits of a device", () => {
  const device = simulatedDevice({ columns: 8, panels: true, buffers: 4, window: 128, hostStalls: true });

  test("lines longer than a window are sorted and summed up", async () => {
    const x = tensor(whole(300, 3, 99));
    await requireAgreement(device, [argSort(x), argSort(x, 0, { descending: true }), cumsum(x)]);
  });

  test("and updates are added to more rows than a window holds", async () => {
    const indices = tensor(whole(70, 3, 400), { dtype: "i32" });
    const updates = tensor(whole(140, 3, 9), { shape: [70, 2] });
    await requireAgreement(device, [scatterAdd(zeros([400, 2]), indices, updates)]);
  });
});
