import { describe, expect, test } from "vitest";
import { at, load, loop, pieces, product, sum, summed } from "../../test/piece-kernels.ts";
import type { Affine } from "../affine.ts";
import { keyOf } from "../expression.ts";
import type { Kernel, LoopKernel } from "../ir.ts";

/** Sums over the reduced axes, read from there. */
function reduction(space: number[], reduced: number[], from: Affine): LoopKernel {
  const store = { buffer: 1, at: at(0, ...space.map(() => 1)), expr: sum };
  return loop(space, [store], 2, reduced, [summed(load(0, from))]);
}

// Fewer is better; more needs a reason. Equal kernels are compiled once.
describe("with the 128 MiB that WebGPU promises, there are not many pieces:", () => {
  const n = 16_384;
  const rows = at(0, n, 1);
  const columns = at(0, 1, n);

  test.each<[string, Kernel, number[], { pieces: number; kernels: number }]>([
    [
      "a map of 1 GiB",
      loop([n, n], [{ buffer: 1, at: rows, expr: load(0, rows) }], 2),
      [n * n, n * n],
      { pieces: 8, kernels: 1 },
    ],
    [
      "a transpose of 1 GiB",
      loop([n, n], [{ buffer: 1, at: rows, expr: load(0, columns) }], 2),
      [n * n, n * n],
      { pieces: 64, kernels: 1 },
    ],
    ["a sum of 1 GiB", reduction([], [n * n], at(0, 1)), [n * n, 1], { pieces: 9, kernels: 2 }],
    ["sums of columns", reduction([1000], [100_003], at(0, 1, 1000)), [100_003_000, 1000], { pieces: 4, kernels: 3 }],
    ["sums of rows", reduction([100_003], [1000], at(0, 1000, 1)), [100_003_000, 100_003], { pieces: 3, kernels: 2 }],
    ["a product of 8192³", product(8192, 8192, 8192), [2 ** 26, 2 ** 26, 2 ** 26], { pieces: 12, kernels: 2 }],
    [
      "a product of long columns",
      product(256, 200_000, 512, true),
      [256 * 200_000, 512 * 200_000, 2 ** 17],
      { pieces: 5, kernels: 3 },
    ],
    ["a product of many rows", product(1_000_000, 64, 64), [64_000_000, 4096, 64_000_000], { pieces: 2, kernels: 2 }],
  ])("%s", (_, kernel, sizes, expected) => {
    const all = pieces(kernel, sizes, 2 ** 25);
    expect({ pieces: all.length, kernels: new Set(all.map((piece) => keyOf(piece.kernel))).size }).toEqual(expected);
  });
});
