import { describe, expect, test } from "vitest";
import type { Lowered } from "../src/lowered.ts";
import { showKernel } from "../src/show-kernel.ts";
import type { Target } from "../src/target.ts";
import {
  check,
  convCall,
  dotCall,
  gradFilterCall,
  gradInputCall,
  residual,
  simple,
  type Setting,
} from "./contraction-calls.ts";
import { plain, type Layout } from "./placed.ts";
import type { ConvCase } from "./window-cases.ts";

const kindsOf = ({ steps }: Lowered): string[] =>
  steps.map(({ kernel }) => (kernel.kind === "loop" ? `loop ${kernel.name}` : kernel.schedule.b));
const textsOf = ({ steps }: Lowered): string[] => steps.map(({ kernel }) => showKernel(kernel));

const conv3x3: ConvCase = {
  x: [2, 10, 8, 12],
  w: [3, 3, 12, 20],
  y: [2, 10, 8, 20],
  attrs: {
    stride: [1, 1],
    padding: [
      [1, 1],
      [1, 1],
    ],
    dilation: [1, 1],
    groups: 1,
  },
};

/** Elements of the outer axes of a product [m, k] × [k, 8], for so many tiles of 16 elements. */
const outer = (m: number, k: number, tiles: number): number => {
  const target: Target = { columns: 4, panels: false, spread: { tiles, elements: 16, terms: 8 } };
  const { steps } = check(dotCall(1, m, k, 8), { ...simple, target });
  const { kernel } = steps[0]!;
  return kernel.kind === "contraction" ? kernel.outer.reduce((count, { size }) => count * size, 1) : 0;
};

describe("how contractions are lowered", () => {
  test("a 3×3 convolution copies its filters into panels and reads its input in place", () => {
    expect(textsOf(check(convCall(conv3x3), simple))).toMatchInlineSnapshot(`
      [
        "loop pack conv [2, 3, 36, 8]
        b1[864·i0 + 288·i1 + 8·i2 + i3] = b0[8·i0 + 720·i1 + 20·i2 + i3]",
        "loop pack conv [1, 3, 36, 4]
        b1[432·i0 + 144·i1 + 4·i2 + i3 + 1728] = b0[4·i0 + 720·i1 + 20·i2 + i3 + 16]",
        "contraction conv [2, 10, 8, 20] over [3, 36]
        a0 = sum of b0[1440·i0 + 120·i1 + 12·i2 + 120·i4 + i5] · panels of 8 at b1[0], n is i3
        b2[1600·i0 + 160·i1 + 20·i2 + i3] = a0",
      ]
    `);
  });

  test("its input gradient is the same with flipped taps and transposed filters", () => {
    expect(textsOf(check(gradInputCall(conv3x3), simple))).toMatchInlineSnapshot(`
      [
        "loop pack convGradInput [1, 3, 3, 20, 8]
        b1[1440·i0 + 480·i1 + 160·i2 + 8·i3 + i4] = b0[160·i0 − 720·i1 − 240·i2 + i3 + 20·i4 + 1920]",
        "loop pack convGradInput [1, 3, 3, 20, 4]
        b1[720·i0 + 240·i1 + 80·i2 + 4·i3 + i4 + 1440] = b0[80·i0 − 720·i1 − 240·i2 + i3 + 20·i4 + 2080]",
        "contraction convGradInput [2, 10, 8, 12] over [3, 60]
        a0 = sum of b0[2400·i0 + 200·i1 + 20·i2 + 200·i4 + i5] · panels of 8 at b1[0], n is i3
        b2[960·i0 + 96·i1 + 12·i2 + i3] = a0",
      ]
    `);
  });

  test("its filter gradient reads x in place, and dy from panels, as each is used by 36 rows times 3", () => {
    expect(textsOf(check(gradFilterCall(conv3x3), simple))).toMatchInlineSnapshot(`
      [
        "loop pack convGradFilter [2, 2, 10, 8, 8]
        b1[1280·i0 + 640·i1 + 64·i2 + 8·i3 + i4] = b0[8·i0 + 1600·i1 + 160·i2 + 20·i3 + i4]",
        "loop pack convGradFilter [1, 2, 10, 8, 4]
        b1[640·i0 + 320·i1 + 32·i2 + 4·i3 + i4 + 2560] = b0[4·i0 + 1600·i1 + 160·i2 + 20·i3 + i4 + 16]",
        "contraction convGradFilter [3, 36, 20] over [2, 10, 8]
        a0 = sum of b0[120·i0 + i1 + 1440·i3 + 120·i4 + 12·i5] · panels of 8 at b1[0], n is i2
        b2[720·i0 + 20·i1 + i2] = a0",
      ]
    `);
  });

  test("a pointwise convolution is one matrix product over all positions", () => {
    const pointwise: ConvCase = {
      x: [2, 5, 7, 12],
      w: [1, 1, 12, 8],
      y: [2, 5, 7, 8],
      attrs: {
        stride: [1, 1],
        padding: [
          [0, 0],
          [0, 0],
        ],
        dilation: [1, 1],
        groups: 1,
      },
    };
    const { steps } = check(convCall(pointwise), simple);
    expect(steps.at(-1)!.kernel).toMatchObject({ outer: [], m: { size: 70 }, k: [{ size: 12 }] });
  });

  test("a stride gives the input gradient one dense product for each residue, and none is stuffed with zeros", () => {
    const strided: ConvCase = {
      ...conv3x3,
      x: [1, 9, 9, 4],
      w: [3, 3, 4, 4],
      y: [1, 5, 5, 4],
      attrs: { ...conv3x3.attrs, stride: [2, 2] },
    };
    const { steps } = check(gradInputCall(strided), simple);
    const depths = steps.flatMap(({ kernel }) =>
      kernel.kind === "contraction" ? [kernel.k.reduce((product, { size }) => product * size, 1)] : [],
    );
    // Of 3×3 taps the residues see 1×1, 1×2, 2×1 and 2×2, each over 4 filters.
    expect(depths.toSorted((a, b) => a - b)).toEqual([4, 8, 8, 16]);
  });

  test("filters as large as their stride are one product: each residue has panels of its own", () => {
    const patches: ConvCase = {
      ...conv3x3,
      x: [2, 8, 8, 4],
      w: [4, 4, 4, 8],
      y: [2, 2, 2, 8],
      attrs: {
        ...conv3x3.attrs,
        stride: [4, 4],
        padding: [
          [0, 0],
          [0, 0],
        ],
      },
    };
    expect(kindsOf(check(gradInputCall(patches), simple))).toEqual(["loop pack convGradInput", "panels"]);
  });

  test("a depthwise convolution and its gradients are loops", () => {
    const depthwise: ConvCase = {
      ...conv3x3,
      w: [3, 3, 1, 12],
      y: [2, 10, 8, 12],
      attrs: { ...conv3x3.attrs, groups: 12 },
    };
    for (const call of [convCall, gradInputCall, gradFilterCall]) {
      expect(kindsOf(check(call(depthwise), simple))).toEqual([`loop ${call(depthwise).name}`]);
    }
  });

  test("few rows times a matrix in rows copy nothing; times its transpose, the few rows are copied", () => {
    expect(kindsOf(check(dotCall(1, 8, 9, 20), simple))).toEqual(["rows"]);
    const transposed: Layout = { ...plain, order: [0, 2, 1, 3, 4] };
    const setting: Setting = { ...simple, layouts: [plain, transposed, plain] };
    expect(kindsOf(check(dotCall(1, 8, 9, 20), setting))).toEqual(["loop pack dot", "panels", "loop finish dot"]);
    expect(kindsOf(check(dotCall(1, 1, 9, 20), setting))).toEqual(["loop dot"]);
    expect(kindsOf(check(dotCall(1, 30, 9, 20), setting))).toEqual(["loop pack dot", "loop pack dot", "panels"]);
  });

  test("a long sum for few elements is split into parts that are added in order, with an epilogue too", () => {
    const still = [
      [true, false, false],
      [false, true, false],
    ];
    const lowered = check(dotCall(1, 5, 4096, 6), simple, residual(still, [plain, plain], 1));
    expect(kindsOf(lowered)).toEqual(["rows", "loop finish dot"]);
    expect(lowered.steps[0]!.kernel).toMatchObject({ outer: [{ size: 16 }], k: [{ size: 256 }] });
    const long: ConvCase = { ...conv3x3, x: [2, 64, 64, 1], w: [3, 3, 1, 2], y: [2, 64, 64, 2] };
    expect(kindsOf(check(gradFilterCall(long), simple))).toEqual(["rows", "loop finish convGradFilter"]);
  });

  test("a GPU asks for parts until there are tiles for all its units, as long as parts are worth it", () => {
    expect(outer(8, 64, 16)).toBe(4);
    expect(outer(8, 64, 4)).toBe(1);
    expect(outer(8, 64, 100)).toBe(8);
    expect(outer(64, 64, 16)).toBe(1);
  });

  test("a filter gradient whose filters stay in the caches is split, so that images pass by once", () => {
    const long: ConvCase = { ...conv3x3, x: [4, 20, 52, 4], w: [3, 3, 4, 9], y: [4, 20, 52, 9] };
    const lowered = check(gradFilterCall(long), simple);
    expect(kindsOf(lowered)).toEqual(["rows", "loop finish convGradFilter"]);
    expect(lowered.steps[0]!.kernel).toMatchObject({
      outer: [{ size: 4 }, { size: 4 }, { size: 3 }],
      k: [{ size: 5 }, { size: 52 }],
    });
  });
});
