import { describe, expect, test } from "vitest";
import { at, call, load, loop, pieces, product, sum, summed } from "../../test/piece-kernels.ts";
import { requirePiecesEqual } from "../../test/run-pieces.ts";
import type { Affine } from "../affine.ts";
import { keyOf } from "../expression.ts";
import type { Accumulator, Expr, LoopKernel } from "../ir.ts";
import { showKernel } from "../show-kernel.ts";
import type { Piece } from "./cutting.ts";

/** The sum of the first four buffers. */
function four(place: Affine): Expr {
  return [1, 2, 3].reduce((total, buffer) => call("add", total, load(buffer, place)), load(0, place));
}

function within(from: number, size: number, value: Expr, otherwise: Expr): Expr {
  return { kind: "guarded", dtype: "f32", guards: [{ index: at(-from, 1), size }], value, otherwise };
}

function show({ kernel, buffers, windows }: Piece): string {
  const bound = buffers.map((buffer, i) => `b${i} = #${buffer}[${windows[i]!.from}…${windows[i]!.to - 1}]`);
  return `${showKernel(kernel)}\n  with ${bound.join(", ")}`;
}

const shown = (...args: Parameters<typeof pieces>): string =>
  pieces(...args)
    .map(show)
    .join("\n\n");

describe("a kernel becomes pieces that touch windows:", () => {
  test("a map is cut along its outermost axis", () => {
    const copy = loop([3, 64], [{ buffer: 1, at: at(0, 64, 1), expr: load(0, at(0, 64, 1)) }], 2);
    expect(shown(copy, [192, 192], 128)).toMatchInlineSnapshot(`
      "loop k [2, 64]
        b1[64·i0 + i1] = b0[64·i0 + i1]
        with b0 = #0[0…127], b1 = #1[0…127]

      loop k [1, 64]
        b1[64·i0 + i1] = b0[64·i0 + i1]
        with b0 = #0[128…191], b1 = #1[128…191]"
    `);
  });

  test("what stays small is moved along, so that the pieces are one kernel", () => {
    const args = [load(0, at(0, 64, 1)), load(1, at(0, 0, 1))];
    const expr: Expr = { kind: "call", dtype: "f32", name: "add", args };
    const plus = loop([6, 64], [{ buffer: 2, at: at(0, 64, 1), expr }], 3);
    expect(new Set(pieces(plus, [384, 64, 384], 128).map(({ kernel }) => keyOf(kernel))).size).toBe(1);
  });

  test("a sum is one of partial sums", () => {
    const total = loop([], [{ buffer: 1, at: at(0), expr: sum }], 2, [300], [summed(load(0, at(0, 1)))]);
    expect(shown(total, [300, 1], 128)).toMatchInlineSnapshot(`
      "loop parts of k [] over [128]
        a0 = sum of b0[i0]
        b1[0] = a0
        with b0 = #0[0…127], b1 = #2[0…0]

      loop parts of k [] over [128]
        a0 = sum of b0[i0]
        b1[1] = a0
        with b0 = #0[128…255], b1 = #2[0…1]

      loop parts of k [] over [44]
        a0 = sum of b0[i0]
        b1[2] = a0
        with b0 = #0[256…299], b1 = #2[0…2]

      loop k [] over [3]
        a0 = sum of b0[i0]
        b1[0] = a0
        with b0 = #2[0…2], b1 = #1[0…0]"
    `);
  });

  test("a choice is made among the choices of parts, which follow each other", () => {
    const value: Expr = { kind: "index", dtype: "i32", index: at(0, 1) };
    const first: Accumulator = { op: "choose", dtype: "i32", expr: load(0, at(0, 1)), least: false, value };
    const expr: Expr = { kind: "accumulator", dtype: "i32", position: 0 };
    expect(shown(loop([], [{ buffer: 1, at: at(0), expr }], 2, [200], [first]), [200, 1], 128)).toMatchInlineSnapshot(`
      "loop parts of k [] over [128]
        a0 = b0[i0] where b0[i0] is largest
        a1 = (i0) where b0[i0] is largest
        b1[0] = a0
        b2[0] = a1
        with b0 = #0[0…127], b1 = #2[0…0], b2 = #3[0…0]

      loop parts of k [] over [72]
        a0 = b0[i0] where b0[i0] is largest
        a1 = (i0 + 128) where b0[i0] is largest
        b1[0] = a0
        b2[0] = a1
        with b0 = #0[128…199], b1 = #2[64…64], b2 = #3[64…64]

      loop k [] over [2]
        a0 = b1[64·i0] where b0[64·i0] is largest
        b2[0] = a0
        with b0 = #2[0…64], b1 = #3[0…64], b2 = #1[0…0]"
    `);
  });

  test("the first of equals is found when it is the inner axis that has to be cut", () => {
    // Many are equal; parts of the inner axis by themselves would come upon [1, 0] before [0, 3].
    const value: Expr = { kind: "index", dtype: "i32", index: at(0, 4, 1) };
    const largest: Accumulator = { op: "choose", dtype: "i32", expr: load(0, at(0, 1, 64)), least: false, value };
    const expr: Expr = { kind: "accumulator", dtype: "i32", position: 0 };
    const types = ["f32", "i32"] as const;
    const kernel = { ...loop([], [{ buffer: 1, at: at(0), expr }], 2, [5, 4], [largest]), buffers: types };
    for (let seed = 0; seed < 20; seed++) {
      requirePiecesEqual({ kernel, sizes: [200, 1] }, { elements: 128, buffers: 8 }, [0, 0], seed);
    }
  });

  test("where two places of one buffer come close to each other, they keep their two windows", () => {
    const expr = call("add", load(0, at(31, 2)), load(0, at(300, 1)));
    const kernel = loop([192], [{ buffer: 1, at: at(0, 1), expr }], 2);
    requirePiecesEqual({ kernel, sizes: [492, 192] }, { elements: 256, buffers: 3 });
  });

  test("a value and its mirror are two windows of one buffer", () => {
    const args = [load(0, at(0, 1)), load(0, at(255, -1))];
    const expr: Expr = { kind: "call", dtype: "f32", name: "mul", args };
    const kernel = loop([256], [{ buffer: 1, at: at(0, 1), expr }], 2);
    expect(show(pieces(kernel, [256, 256], 128)[0]!)).toMatchInlineSnapshot(`
      "loop k [64]
        b2[i0] = mul(b0[i0], b1[−1·i0 + 63])
        with b0 = #0[0…63], b1 = #0[192…255], b2 = #1[0…63]"
    `);
  });

  test("of values one behind the other, a piece has those that lie in it, without a guard", () => {
    const guards = [{ index: at(0, 1), size: 128 }];
    const expr: Expr = {
      kind: "guarded",
      dtype: "f32",
      guards,
      value: load(0, at(0, 1)),
      otherwise: load(1, at(-128, 1)),
    };
    expect(shown(loop([256], [{ buffer: 2, at: at(0, 1), expr }], 3), [128, 128, 256], 128)).toMatchInlineSnapshot(`
      "loop k [128]
        b1[i0] = b0[i0]
        with b0 = #0[0…127], b1 = #2[0…127]

      loop k [128]
        b1[i0] = b0[i0]
        with b0 = #1[0…127], b1 = #2[128…255]"
    `);
  });

  test("what may be anywhere is looked up in passes", () => {
    const index: Expr = { kind: "load", dtype: "i32", buffer: 1, at: at(0, 1) };
    const expr: Expr = { kind: "lookup", dtype: "f32", buffer: 0, at: at(0, 0), index, step: 1, size: 130 };
    const kernel: LoopKernel = { ...loop([9], [{ buffer: 2, at: at(0, 1), expr }], 3), buffers: ["f32", "i32", "f32"] };
    expect(shown(kernel, [130, 9, 9], 128)).toMatchInlineSnapshot(`
      "loop k [9]
        b2[i0] = b0[0 + b1[i0], below 65]
        with b0 = #0[0…64], b1 = #1[0…8], b2 = #3[0…8]

      loop k [9]
        b3[i0] = where(greaterEqual(b1[i0], i32 65), b0[1 + sub(b1[i0], i32 65), below 65], b2[i0])
        with b0 = #0[64…129], b1 = #1[0…8], b2 = #3[0…8], b3 = #2[0…8]"
    `);
  });

  test("an expression that reads more than may be bound is stored in parts", () => {
    const expr = [1, 2, 3].reduce<Expr>(
      (total, buffer) => ({ kind: "call", dtype: "f32", name: "add", args: [total, load(buffer, at(0, 1))] }),
      load(0, at(0, 1)),
    );
    const kernel = loop([8], [{ buffer: 4, at: at(0, 1), expr }], 5);
    expect(shown(kernel, [8, 8, 8, 8, 8], 128, 4)).toMatchInlineSnapshot(`
      "loop k [8]
        b3[i0] = add(add(b0[i0], b1[i0]), b2[i0])
        with b0 = #0[0…7], b1 = #1[0…7], b2 = #2[0…7], b3 = #5[0…7]

      loop k [8]
        b2[i0] = add(b1[i0], b0[i0])
        with b0 = #3[0…7], b1 = #5[0…7], b2 = #4[0…7]"
    `);
  });

  test("and what is stored of it is read only where all guards around it hold", () => {
    // Four buffers of 50 elements, from 50 to 100.
    const inner = within(50, 200, four(at(-50, 1)), load(5, at(0, 1)));
    const expr = within(0, 100, call("neg", inner), load(5, at(0, 1)));
    const kernel = loop([300], [{ buffer: 4, at: at(0, 1), expr }], 6);
    requirePiecesEqual({ kernel, sizes: [50, 50, 50, 50, 300, 300] }, { elements: 128, buffers: 4 });
  });

  test("and what two guards need of one expression is stored for each", () => {
    const shared = four(at(0, 1));
    const expr = within(0, 100, call("neg", shared), within(200, 100, call("square", shared), load(5, at(0, 1))));
    const kernel = loop([300], [{ buffer: 4, at: at(0, 1), expr }], 6);
    requirePiecesEqual({ kernel, sizes: [300, 300, 300, 300, 300, 300] }, { elements: 512, buffers: 4 });
  });

  test("a loop without points has no pieces", () => {
    expect(
      pieces(loop([0, 300], [{ buffer: 1, at: at(0, 300, 1), expr: load(0, at(0, 300, 1)) }], 2), [0, 0], 128),
    ).toEqual([]);
  });

  test("two kinds of places, stored and looked up, are remembered apart", () => {
    // Once the sum with the near lookups passed for the stored sum, and read five buffers.
    const far = { kind: "lookup", dtype: "f32", buffer: 1, at: at(0, 0), step: 3, size: 23 } as const;
    const index: Expr = { kind: "load", dtype: "i32", buffer: 2, at: at(0, 1) };
    const args: Expr[] = [load(0, at(31, 0)), load(0, at(31, 40)), load(0, at(0, -3)), { ...far, index }];
    const expr = args.reduce((a, b): Expr => ({ kind: "call", dtype: "f32", name: "add", args: [a, b] }));
    const kernel: LoopKernel = {
      ...loop([], [{ buffer: 3, at: at(0), expr: sum }], 4, [4], [summed(expr)]),
      buffers: ["f32", "f32", "i32", "f32"],
    };
    const all = pieces(kernel, [200, 140, 4, 1], 128, 4);
    expect(Math.max(...all.map(({ buffers }) => buffers.length))).toBeLessThanOrEqual(4);
  });
});

test("a product whose B is too large is one of partial sums, added at the end", () => {
  expect(shown(product(2, 8, 32), [16, 256, 64], 192)).toMatchInlineSnapshot(`
    "contraction parts of dot [2, 32] over [6]
      a0 = sum of b0[8·i0 + i2] · b1[i1 + 32·i2], n is i1
      b2[32·i0 + i1] = a0
      with b0 = #0[0…13], b1 = #1[0…191], b2 = #3[0…63]

    contraction parts of dot [2, 32] over [2]
      a0 = sum of b0[8·i0 + i2 + 6] · b1[i1 + 32·i2], n is i1
      b2[32·i0 + i1] = a0
      with b0 = #0[0…15], b1 = #1[192…255], b2 = #3[64…127]

    loop finish dot [2, 32] over [2]
      a0 = sum of b0[32·i0 + i1 + 64·i2]
      b1[32·i0 + i1] = a0
      with b0 = #3[0…127], b1 = #2[0…63]"
  `);
});
