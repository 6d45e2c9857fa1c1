import { describe, expect, test } from "vitest";
import type { Affine } from "../affine.ts";
import type { ContractionKernel, Expr, LoopKernel } from "../ir.ts";
import { castValue, rounded, scalarFunction } from "./scalar.ts";
import { simulate } from "./simulate.ts";

const at = (constant: number, ...coefficients: number[]): Affine => ({ constant, coefficients });
const load = (buffer: number, place: Affine): Expr => ({ kind: "load", dtype: "f32", buffer, at: place });
const zero: Expr = { kind: "constant", dtype: "f32", value: 0 };

const loop = (parts: Partial<LoopKernel>): LoopKernel => ({
  kind: "loop",
  name: "test",
  space: [],
  reduced: [],
  accumulators: [],
  stores: [],
  buffers: ["f32", "f32"],
  numbers: [],
  ...parts,
});

const product: ContractionKernel = {
  kind: "contraction",
  name: "dot",
  outer: [],
  m: { size: 2, a: 3, c: 6 },
  n: { size: 6, b: 1 },
  k: [{ size: 3, a: 1, b: 6 }],
  start: { a: 0, b: 0, c: 0 },
  epilogue: { kind: "accumulator", dtype: "f32", position: 0 },
  buffers: ["f32", "f32", "f32"],
  numbers: [],
  schedule: { b: "rows", columns: 4 },
};

describe("the reference executor", () => {
  test("scalars are those of core's tables, rounded to their dtype", () => {
    expect(scalarFunction("mul", "i32")(0x10001, 0x10001)).toBe(0x20001);
    expect(scalarFunction("round", "f32")(2.5)).toBe(2);
    expect(() => scalarFunction("nonsense", "f32")).toThrow("nonsense");
    expect([rounded(0.1, "f32"), rounded(2049, "f16"), rounded(-1, "u32"), rounded(7, "bool")]).toEqual([
      Math.fround(0.1),
      2048,
      0xffffffff,
      1,
    ]);
    expect([castValue(-1.5, "f32", "u32"), castValue(NaN, "f32", "i32"), castValue(-1, "i32", "u32")]).toEqual([
      0, 0, 0xffffffff,
    ]);
  });

  test("a guard is for the whole value: what it wraps is not read where it fails", () => {
    const padded: Expr = {
      kind: "guarded",
      dtype: "f32",
      guards: [{ index: at(-1, 1), size: 2 }],
      value: { kind: "call", dtype: "f32", name: "sigmoid", args: [load(0, at(-1, 1))] },
      otherwise: zero,
    };
    const out = new Float32Array(4);
    simulate(loop({ space: [4], stores: [{ buffer: 1, at: at(0, 1), expr: padded }] }), [new Float32Array(2), out]);
    expect([...out]).toEqual([0, 0.5, 0.5, 0]);
  });

  test("a choice takes the first of equals and a NaN before all numbers", () => {
    const index: Expr = { kind: "index", dtype: "i32", index: at(0, 0, 1) };
    const kernel = loop({
      space: [3],
      reduced: [3],
      accumulators: [
        { op: "choose", dtype: "i32", expr: load(0, at(0, 3, 1)), least: false, value: index },
        { op: "max", dtype: "f32", expr: load(0, at(0, 3, 1)) },
      ],
      stores: [
        { buffer: 1, at: at(0, 1), expr: { kind: "accumulator", dtype: "i32", position: 0 } },
        { buffer: 2, at: at(0, 1), expr: { kind: "accumulator", dtype: "f32", position: 1 } },
      ],
      buffers: ["f32", "i32", "f32"],
    });
    const [places, maxima] = [new Int32Array(3), new Float32Array(3)];
    simulate(kernel, [Float32Array.of(1, 2, 2, 5, NaN, 7, -1, -2, -3), places, maxima]);
    expect([...places]).toEqual([1, 1, 0]);
    expect([...maxima]).toEqual([2, NaN, -1]);
  });

  test("panels hold the same matrix as rows", () => {
    const a = Float32Array.of(1, 2, 3, 4, 5, 6);
    const b = Float32Array.from({ length: 18 }, (_, i) => i);
    // Columns 0 … 3 in the first panel, 4 and 5 and two zeros in the second.
    const panels = Float32Array.from(
      [0, 1].flatMap((panel) =>
        [0, 1, 2].flatMap((k) => [0, 1, 2, 3].map((j) => (4 * panel + j < 6 ? b[6 * k + 4 * panel + j]! : 0))),
      ),
    );
    const [rows, packed] = [new Float32Array(12), new Float32Array(12)];
    simulate(product, [a, b, rows]);
    simulate({ ...product, schedule: { ...product.schedule, b: "panels" } }, [a, panels, packed]);
    expect([...rows]).toEqual(
      [36, 42, 48, 54, 60, 66, 72, 87, 102, 117, 132, 147].map((_, i) => {
        const [row, column] = [Math.floor(i / 6), i % 6];
        return [0, 1, 2].reduce((sum, k) => sum + a[3 * row + k]! * b[6 * k + column]!, 0);
      }),
    );
    expect([...packed]).toEqual([...rows]);
  });

  test("an access outside a buffer is an error", () => {
    const outside = loop({ space: [3], stores: [{ buffer: 1, at: at(0, 1), expr: load(0, at(0, 1)) }] });
    expect(() => simulate(outside, [new Float32Array(2), new Float32Array(3)])).toThrow(
      "element 2 of buffer 0 is read",
    );
    expect(() => simulate(outside, [new Float32Array(3), new Float32Array(2)])).toThrow("of buffer 1 is written");
    expect(() => simulate(outside, [new Float32Array(3)])).toThrow("2 buffers");
  });
});
