import { afterAll, describe, expect, test } from "vitest";
import type { Affine, Expr, LoopKernel } from "@steelyard/compiler";
import { deviceArray, simulate } from "@steelyard/compiler/testing";
import { hostArray, type DType } from "@steelyard/core";
import { without } from "../../test/adapter.ts";
import { closeGpu, runShader, type Words } from "../../test/run-shader.ts";
import { guaranteed } from "../shader.ts";
import { renderLoop } from "./loop.ts";
import { literal } from "./scalars.ts";

afterAll(closeGpu);

const along: Affine = { constant: 0, coefficients: [1] };

/** A map over so many elements, of buffer 0 into buffer 1. */
function map(length: number, from: DType, expr: Expr): LoopKernel {
  const stores = [{ buffer: 1, at: along, expr }];
  const rest = { reduced: [], accumulators: [], numbers: [] };
  return { kind: "loop", name: "map", space: [length], stores, buffers: [from, expr.dtype], ...rest };
}

/** What a map makes of values, on the GPU and by definition. */
async function bothOf(from: DType, values: Words, expr: Expr): Promise<readonly [Words, Words]> {
  const kernel = map(values.length, from, expr);
  const expected = [values, deviceArray(expr.dtype, values.length)];
  simulate(kernel, expected);
  const shader = renderLoop(kernel, { ...guaranteed, schedule: null });
  const [, actual] = await runShader(shader, [values, deviceArray(expr.dtype, values.length)]);
  return [actual!, expected[1]!];
}

const load = (dtype: DType): Expr => ({ kind: "load", dtype, buffer: 0, at: along });
const bitsOf = (words: Words): Uint32Array => new Uint32Array(words.buffer, words.byteOffset, words.length);

/** Every f16, the middle between it and the next, and the f32 on either side of that. */
function aroundHalves(): Float32Array {
  const halves = hostArray("f16", 1).constructor as new (bits: ArrayBuffer) => ArrayLike<number>;
  const all = Float32Array.from(new halves(Uint16Array.from({ length: 0x10000 }, (_, i) => i).buffer));
  const middles = bitsOf(all.map((value, i) => (value + (all[i + 1] ?? 0)) / 2));
  const near = [-1, 0, 1].flatMap((step) => [...new Float32Array(middles.map((bits) => bits + step).buffer)]);
  return Float32Array.from([...all, ...near, 65_519.99, 65_520, 3e38, 1e-45, -1e-45]);
}

/** Bits of f32 all over. */
function manyFloats(): Float32Array {
  const bits = Uint32Array.from({ length: 0x10000 }, (_, i) => Math.imul(i, 0x9e37_79b1));
  const ends = [0, -0, 0.5, -0.5, 2 ** 31, -(2 ** 31), 2 ** 31 - 128, 2 ** 32, 2 ** 32 - 256, Infinity, -Infinity, NaN];
  return Float32Array.from([...new Float32Array(bits.buffer), ...ends]);
}

const casts: readonly { from: DType; to: DType; values: () => Words }[] = [
  { from: "f32", to: "f16", values: aroundHalves },
  ...(["i32", "u32", "bool"] as const).map((to) => ({ from: "f32" as const, to, values: manyFloats })),
  ...(["f32", "f16", "u32", "bool"] as const).map((to) => ({
    from: "i32" as const,
    to,
    values: () => new Int32Array(manyFloats().buffer),
  })),
  ...(["f32", "f16", "i32", "bool"] as const).map((to) => ({
    from: "u32" as const,
    to,
    values: () => new Uint32Array(manyFloats().buffer),
  })),
];

describe.skipIf(without.device)(`scalars in WGSL${without.because}`, () => {
  test.each(casts)("casts $from to $to, bit for bit", async ({ from, to, values }) => {
    const [actual, expected] = await bothOf(from, values(), { kind: "cast", dtype: to, value: load(from) });
    expect(actual).toEqual(expected);
  });

  test("writes every constant, be it no number or no ordinary one", async () => {
    const floats = [
      NaN,
      Infinity,
      -Infinity,
      0,
      -0,
      1,
      -1,
      0.1,
      1e-45,
      -1e-45,
      2 ** -126,
      3.4028234663852886e38,
      16777217,
    ];
    const whole = [0, 1, -1, 0x7fff_ffff, -0x8000_0000, 0xffff_ffff];
    const constants = [
      ...floats.flatMap((value) => (["f32", "f16"] as const).map((dtype) => ({ dtype, value }))),
      ...whole.flatMap((value) => (["i32", "u32", "bool"] as const).map((dtype) => ({ dtype, value }))),
    ];
    for (const dtype of ["f32", "f16", "i32", "u32", "bool"] as const) {
      const values = constants.filter((each) => each.dtype === dtype);
      const exprs = values.map(({ value }): Expr => ({ kind: "constant", dtype, value }));
      const stores = exprs.map((expr, i) => ({ buffer: 0, at: { constant: i, coefficients: [] }, expr }));
      const rest = { reduced: [], accumulators: [], numbers: [] };
      const kernel: LoopKernel = { kind: "loop", name: "constants", space: [], stores, buffers: [dtype], ...rest };
      const expected = deviceArray(dtype, values.length);
      simulate(kernel, [expected]);
      const [actual] = await runShader(renderLoop(kernel, { ...guaranteed, schedule: null }), [
        deviceArray(dtype, values.length),
      ]);
      expect(bitsOf(actual!), dtype).toEqual(bitsOf(expected));
    }
  });
});

describe("a constant as text", () => {
  test.each<[DType, number, string]>([
    ["f32", 0.1, "0.1f"],
    ["f32", 16777217, "16777216.0f"],
    ["f32", 1e30, "1e+30f"],
    ["f32", -2.5, "-2.5f"],
    ["f32", -0, "bitcast<f32>(0x80000000u | zero_bits)"],
    ["f16", 0.1, "0.099975586f"],
    ["i32", -5, "-5i"],
    ["i32", -0x8000_0000, "bitcast<i32>(0x80000000u)"],
    ["u32", -1, "4294967295u"],
    ["bool", 2, "true"],
  ])("%s %d is %s", (dtype, value, text) => {
    expect(literal(dtype, value)).toBe(text);
  });
});
