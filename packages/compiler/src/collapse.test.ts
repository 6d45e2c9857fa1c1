import { describe, expect, test } from "vitest";
import type { Affine } from "./affine.ts";
import { collapsed } from "./collapse.ts";
import type { Expr, Guard, LoopKernel } from "./ir.ts";

const at = (coefficients: readonly number[], constant = 0): Affine => ({ constant, coefficients });
const load = (index: Affine): Expr => ({ kind: "load", dtype: "f32", buffer: 0, at: index });
const zero: Expr = { kind: "constant", dtype: "f32", value: 0 };

function map(space: readonly number[], expr: Expr, to: Affine): LoopKernel {
  const buffers = ["f32", "f32"] as const;
  const stores = [{ buffer: 1, at: to, expr }];
  return { kind: "loop", name: "map", space, reduced: [], accumulators: [], stores, buffers, numbers: [] };
}

function padded(guards: readonly Guard[], from: Affine): Expr {
  return { kind: "guarded", dtype: "f32", guards, value: load(from), otherwise: zero };
}

describe("collapsed axes", () => {
  test("whatever lies in one piece is one axis, and axes of size 1 are gone", () => {
    const kernel = map([2, 1, 3, 4], load(at([12, 99, 4, 1], 5)), at([12, 0, 4, 1]));
    const { space, stores } = collapsed(kernel);
    expect(space).toEqual([24]);
    expect(stores).toEqual([{ buffer: 1, at: at([1]), expr: load(at([1], 5)) }]);
  });

  test("a broadcast operand keeps axes apart", () => {
    const { space, stores } = collapsed(map([2, 3, 4], load(at([0, 4, 1])), at([12, 4, 1])));
    expect(space).toEqual([2, 12]);
    expect(stores[0]!.expr).toEqual(load(at([0, 1])));
  });

  test("axes are put in the order of what is stored", () => {
    const { space, stores } = collapsed(map([3, 4, 5], load(at([20, 5, 1])), at([1, 3, 12])));
    expect(space).toEqual([5, 4, 3]);
    expect(stores[0]).toEqual({ buffer: 1, at: at([12, 3, 1]), expr: load(at([1, 5, 20])) });
  });

  test("a guard on rows becomes one on the elements of the rows: a padded image is a run of memory", () => {
    // Three channels, four columns, and a column of zeros on either side.
    const expr = padded([{ index: at([0, 1, 0], -1), size: 4 }], at([12, 3, 1], -3));
    const { space, stores } = collapsed(map([2, 6, 3], expr, at([18, 3, 1])));
    expect(space).toEqual([2, 18]);
    expect(stores[0]!.expr).toEqual(padded([{ index: at([0, 1], -3), size: 12 }], at([12, 1], -3)));
  });

  test("so does one that counts down", () => {
    const expr = padded([{ index: at([-1, 0], 4), size: 3 }], at([3, 1]));
    const { space, stores } = collapsed(map([6, 3], expr, at([3, 1])));
    expect(space).toEqual([18]);
    // 0 ≤ 4 − ⌊j/3⌋ < 3 for j = 6 … 14, and 14 − j runs from 8 to 0 there.
    expect(stores[0]!.expr).toEqual(padded([{ index: at([-1], 14), size: 9 }], at([1])));
  });

  test("a guard that follows two axes keeps them as they are", () => {
    const expr = padded([{ index: at([1, 1, 0]), size: 3 }], at([3, 3, 1]));
    expect(collapsed(map([2, 6, 3], expr, at([18, 3, 1]))).space).toEqual([2, 6, 3]);
  });

  test("axes of the space and reduced ones never meet, and stores count none of the latter", () => {
    const { space, reduced, stores } = collapsed({
      ...map([2, 3], zero, at([3, 1])),
      reduced: [4, 5],
      accumulators: [{ op: "sum", dtype: "f32", expr: load(at([60, 20, 5, 1])) }],
      stores: [{ buffer: 1, at: at([3, 1]), expr: { kind: "accumulator", dtype: "f32", position: 0 } }],
    });
    expect([space, reduced]).toEqual([[6], [20]]);
    expect(stores[0]!.at).toEqual(at([1, 0]));
  });
});
