import { describe, expect, test } from "vitest";
import type { ContractionKernel, Expr, LoopKernel } from "./ir.ts";
import { showKernel } from "./show-kernel.ts";

const load = (buffer: number, coefficients: number[], constant = 0): Expr => ({
  kind: "load",
  dtype: "f32",
  buffer,
  at: { constant, coefficients },
});
const call = (name: string, ...args: Expr[]): Expr => ({ kind: "call", dtype: "f32", name, args });
const zero: Expr = { kind: "constant", dtype: "f32", value: 0 };

describe("kernels as text", () => {
  test("a map is its stores", () => {
    const kernel: LoopKernel = {
      kind: "loop",
      name: "add+relu",
      space: [8, 64],
      reduced: [],
      accumulators: [],
      stores: [
        {
          buffer: 2,
          at: { constant: 0, coefficients: [64, 1] },
          expr: call("relu", call("add", load(0, [64, 1]), load(1, [0, 1]))),
        },
      ],
      buffers: ["f32", "f32", "f32"],
      numbers: [],
    };
    expect(showKernel(kernel)).toMatchInlineSnapshot(`
      "loop add+relu [8, 64]
        b2[64·i0 + i1] = relu(add(b0[64·i0 + i1], b1[i1]))"
    `);
  });

  test("what is used twice has a name, reductions have theirs, and guards stand before their value", () => {
    const sum: Expr = { kind: "accumulator", dtype: "f32", position: 0 };
    const shifted = call("sub", sum, { kind: "number", dtype: "f32", position: 0 });
    const kernel: LoopKernel = {
      kind: "loop",
      name: "windowSum",
      space: [5],
      reduced: [3],
      accumulators: [
        {
          op: "sum",
          dtype: "f32",
          expr: {
            kind: "guarded",
            dtype: "f32",
            guards: [{ index: { constant: -1, coefficients: [1, 1] }, size: 5 }],
            value: load(0, [1, 1], -1),
            otherwise: zero,
          },
        },
      ],
      stores: [{ buffer: 1, at: { constant: 0, coefficients: [1] }, expr: call("mul", shifted, shifted) }],
      buffers: ["f32", "f32"],
      numbers: ["f32"],
    };
    expect(showKernel(kernel)).toMatchInlineSnapshot(`
      "loop windowSum [5] over [3]
        a0 = sum of (0 ≤ i0 + i1 − 1 < 5 ? b0[i0 + i1 − 1] : 0)
        u0 = sub(a0, s0)
        b1[i0] = mul(u0, u0)"
    `);
  });

  test("a contraction shows where its operands lie", () => {
    const kernel: ContractionKernel = {
      kind: "contraction",
      name: "conv",
      outer: [{ size: 2, a: 100, b: 0, c: 64 }],
      m: { size: 8, a: 2, c: 8 },
      n: { size: 8, b: 1 },
      k: [
        { size: 3, a: 20, b: 48 },
        { size: 6, a: 1, b: 8 },
      ],
      start: { a: 4, b: 0, c: 0 },
      epilogue: call(
        "maximum",
        call("add", { kind: "accumulator", dtype: "f32", position: 0 }, load(2, [0, 0, 1])),
        zero,
      ),
      buffers: ["f32", "f32", "f32", "f32"],
      numbers: [],
      schedule: { b: "panels", columns: 16 },
    };
    expect(showKernel(kernel)).toMatchInlineSnapshot(`
      "contraction conv [2, 8, 8] over [3, 6]
        a0 = sum of b0[100·i0 + 2·i1 + 20·i3 + i4 + 4] · panels of 16 at b1[0], n is i2
        b3[64·i0 + 8·i1 + i2] = maximum(add(a0, b2[i2]), 0)"
    `);
    expect(showKernel({ ...kernel, schedule: { b: "rows", columns: 16 } })).toMatchInlineSnapshot(`
      "contraction conv [2, 8, 8] over [3, 6]
        a0 = sum of b0[100·i0 + 2·i1 + 20·i3 + i4 + 4] · b1[i2 + 48·i3 + 8·i4], n is i2
        b3[64·i0 + 8·i1 + i2] = maximum(add(a0, b2[i2]), 0)"
    `);
  });
});
