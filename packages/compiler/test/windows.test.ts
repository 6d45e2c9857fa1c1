import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SteelyardError, sizeOf, type Attrs, type DType, type Shape, type Spec } from "@steelyard/core";
import type { Lowered } from "../src/lowered.ts";
import { lowerWindow } from "../src/windows/lower.ts";
import { fuzz } from "./fuzz.ts";
import { interpreted, layouts, place, plain, primitiveOf, run, valuesOf, whole, type Layout } from "./placed.ts";
import { poolCase, type PoolCase } from "./window-cases.ts";

interface Setting {
  readonly layouts: readonly [Layout, Layout, Layout];
  readonly seed: number;
}

const settings: fc.Arbitrary<Setting> = fc.record({ layouts: fc.tuple(layouts, layouts, layouts), seed: fc.nat() });
const simple: Setting = { layouts: [plain, plain, plain], seed: 1 };

/** Lowers and runs the call, and compares with the interpreter. With `same`, all inputs are one value. */
function check(
  name: string,
  shapes: readonly Shape[],
  attrs: Attrs,
  { layouts: [first, second, third], seed }: Setting,
  { values, same = false, dtype = "f32" }: { values?: readonly number[][]; same?: boolean; dtype?: DType } = {},
): Lowered {
  const specs = shapes.map((shape): Spec => ({ shape, dtype }));
  const given =
    values ?? shapes.map((shape, i) => whole(sizeOf(shape), same ? seed : seed + i, same || i === 0 ? 2 : 9));
  const ins = shapes.map((shape, i) => place(shape, given[i]!, [first, same ? first : second][i]!));
  const { shape } = primitiveOf(name).infer(specs, attrs);
  const out = place(shape, new Array<number>(sizeOf(shape)).fill(NaN), third);
  const views = ins.map(({ view }) => view);
  const dtypes = specs.map((spec) => spec.dtype);
  const instruction = { primitive: primitiveOf(name), attrs, dtype, inputs: same ? [3, 3] : [3, 4] };
  const lowered = lowerWindow(instruction, views, dtypes, out.view);
  run(
    lowered,
    ins.map(({ data }) => data),
    out,
  );
  expect(valuesOf(out)).toEqual(interpreted(name, specs, given, attrs));
  return lowered;
}

/** Only those whose every window holds an element: others have no maximum. */
const touching = poolCase.filter(({ x, attrs }) => {
  try {
    primitiveOf("poolGather").infer(
      [x, x].map((shape): Spec => ({ shape, dtype: "f32" })),
      attrs,
    );
    return true;
  } catch (error) {
    if (error instanceof SteelyardError) return false;
    throw error;
  }
});

const spreadAttrs = ({ x, attrs }: PoolCase): Attrs => ({ ...attrs, inputSpatial: x.slice(1, -1) });

describe("windows lowered to kernels give what the interpreter gives", () => {
  test("sums over windows", () => {
    fc.assert(
      fc.property(poolCase, settings, (one, setting) => void check("windowSum", [one.x], one.attrs, setting)),
      fuzz(100),
    );
  });

  test("spreads over windows, by residues of the stride", () => {
    fc.assert(
      fc.property(poolCase, settings, (one, setting) => void check("windowSpread", [one.y], spreadAttrs(one), setting)),
      fuzz(100),
    );
  });

  test("maxima, ties included", () => {
    fc.assert(
      fc.property(touching, settings, ({ x, attrs }, setting) => {
        check("poolGather", [x, x], attrs, setting, { same: true });
      }),
      fuzz(100),
    );
  });

  test("copies from where the maximum is", () => {
    fc.assert(
      fc.property(touching, settings, ({ x, attrs }, setting) => void check("poolGather", [x, x], attrs, setting)),
      fuzz(100),
    );
  });

  test("additions to where the maximum is", () => {
    fc.assert(
      fc.property(touching, settings, ({ x, y, attrs }, setting) => {
        check("poolScatter", [x, y], attrs, setting);
      }),
      fuzz(100),
    );
  });
});

describe("windows at the edges of numbers", () => {
  const attrs = { window: [3], stride: [2], padding: [[2, 1]] as const };
  const x = [1, 5, 1];

  test("a window of infinities below has its maximum inside, not in the padding", () => {
    const lows = new Array<number>(5).fill(-Infinity);
    check("poolGather", [x, x], attrs, simple, { values: [lows, [1, 2, 3, 4, 5]] });
    check("poolGather", [x, x], attrs, simple, { values: [lows, lows], same: true });
    check("poolScatter", [x, [1, 3, 1]], attrs, simple, { values: [lows, [1, 10, 100]] });
  });

  test("a NaN comes before all numbers", () => {
    const values = [1, NaN, 3, NaN, 5];
    check("poolGather", [x, x], attrs, simple, { values: [values, [1, 2, 3, 4, 5]] });
    check("poolGather", [x, x], attrs, simple, { values: [values, values], same: true });
    check("poolScatter", [x, [1, 3, 1]], attrs, simple, { values: [values, [1, 10, 100]] });
  });

  test("half precision is summed in single", () => {
    const thousand = new Array<number>(5).fill(1025);
    check("windowSum", [x], attrs, simple, { values: [thousand], dtype: "f16" });
    check("poolGather", [x, x], attrs, simple, { dtype: "f16" });
    check("poolScatter", [x, [1, 3, 1]], attrs, simple, {
      dtype: "f16",
      values: [
        [1, 9, 1, 1, 1],
        [2048, 3, 5],
      ],
    });
  });
});

/** The kernels of a spread of two axes of `input` positions under windows side by side. */
function kernelsOfTiles(input: number, window: number): number {
  const windows = Math.floor(input / window);
  const attrs = {
    window: [window, window],
    stride: [window, window],
    padding: [[0, 0] as const, [0, 0] as const],
    inputSpatial: [input, input],
  };
  return check("windowSpread", [[2, windows, windows, 3]], attrs, simple).steps.length;
}

describe("few kernels do", () => {
  test("windows that tile the input spread in one kernel, also one that covers all of it", () => {
    expect(kernelsOfTiles(8, 2)).toBe(1);
    expect(kernelsOfTiles(7, 7)).toBe(1);
    // The last of 7 has no window: for each axis the first inputs, then the last.
    expect(kernelsOfTiles(7, 2)).toBe(4);
  });
});
