import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { showKernel } from "@steelyard/compiler";
import type { Affine, Expr, LoopKernel } from "@steelyard/compiler";
import { points } from "@steelyard/compiler/testing";
import { fuzz } from "../../test/fuzz.ts";
import { randomLoop } from "../../test/loops/random-loop.ts";
import { runLoop, simulated } from "../../test/loops/run-loop.ts";
import { emitLoop } from "./emit-loop.ts";

const at = (coefficients: readonly number[], constant = 0): Affine => ({ constant, coefficients });
const load = (buffer: number, index: Affine): Expr => ({ kind: "load", dtype: "f32", buffer, at: index });
const whole = (length: number, modulus = 17): Float32Array =>
  Float32Array.from({ length }, (_, i) => ((i * 7919) % modulus) - Math.floor(modulus / 2));
const backwards = (chunks: number[]): number[] => chunks.toReversed();

/** A map of one buffer to another. */
function map(space: readonly number[], from: Affine, to: Affine): LoopKernel {
  const stores = [{ buffer: 1, at: to, expr: load(0, from) }];
  const buffers = ["f32", "f32"] as const;
  return { kind: "loop", name: "move", space, reduced: [], accumulators: [], stores, buffers, numbers: [] };
}

/** The sum of a buffer along axes. */
function sum(space: readonly number[], reduced: readonly number[], from: Affine, to: Affine): LoopKernel {
  return {
    ...map(space, from, to),
    name: "sum",
    reduced,
    accumulators: [{ op: "sum", dtype: "f32", expr: load(0, from) }],
    stores: [{ buffer: 1, at: to, expr: { kind: "accumulator", dtype: "f32", position: 0 } }],
  };
}

describe("a loop kernel as WebAssembly", () => {
  test.each([
    { what: "whatever its shape, steps, guards and dtypes", options: {}, runs: 200 },
    { what: "with guards around guards", options: { guardedPercent: 60 }, runs: 100 },
  ])(
    "gives what the kernel means, bit for bit, $what",
    ({ options, runs }) => {
      fc.assert(
        fc.property(fc.gen(), (draw) => {
          const { kernel, buffers, numbers } = randomLoop(draw, options);
          const chunkTerms = draw(fc.constantFrom, 20, 100, 1000, 32768);
          const place = draw(fc.constantFrom, "first" as const, "last" as const);
          const expected = simulated(kernel, buffers, numbers);
          const actual = runLoop(kernel, buffers, numbers, { chunkTerms, shuffle: backwards, place });
          expect(actual, showKernel(kernel)).toEqual(expected);
        }),
        { ...fuzz(runs) },
      );
    },
    600_000,
  );

  test("is the same bytes for the same kernel, whatever it is called", () => {
    const kernel = map([100, 100], at([100, 1]), at([1, 100]));
    expect(emitLoop({ ...kernel, name: "other" })).toEqual(emitLoop(kernel));
  });

  test("transposes in blocks of rows, with what is left of every size", () => {
    const size = fc.constantFrom(4, 5, 7, 8, 9, 12, 15, 16, 21);
    const cases = fc.record({
      a: size,
      b: size,
      c: fc.constantFrom(1, 2, 3),
      gap: fc.nat({ max: 2 }),
      terms: fc.constantFrom(3, 30, 32768),
    });
    fc.assert(
      fc.property(cases, ({ a, b, c, gap, terms }) => {
        const [row, column] = [b + gap, a + gap];
        const kernel = map([c, a, b], at([a * row, row, 1]), at([b * column, 1, column]));
        const buffers = [whole(c * a * row, 1009), new Float32Array(c * b * column)];
        const actual = runLoop(kernel, buffers, [], { chunkTerms: terms, shuffle: backwards });
        expect(actual).toEqual(simulated(kernel, buffers));
      }),
      { ...fuzz(60) },
    );
  });

  test("cuts much work into chunks and little into none", () => {
    expect(emitLoop(map([50_000], at([1]), at([1]))).chunks).toBe(1);
    const { chunks } = emitLoop(map([4_000_000], at([1]), at([1])));
    expect(chunks).toBeGreaterThan(60);
    expect(chunks).toBeLessThan(250);
  });

  test.each([
    { what: "one long row", kernel: map([100_003], at([1]), at([1])), sizes: [100_003, 100_003] },
    { what: "rows", kernel: map([301, 307], at([310, 1]), at([307, 1], 2)), sizes: [301 * 310, 301 * 307 + 2] },
    { what: "columns", kernel: map([301, 307], at([1, 301]), at([307, 1])), sizes: [301 * 307, 301 * 307] },
    { what: "row sums", kernel: sum([403], [501], at([501, 1]), at([1])), sizes: [403 * 501, 403] },
    { what: "column sums", kernel: sum([37], [6007], at([1, 37]), at([1])), sizes: [37 * 6007, 37] },
    {
      what: "sums of the middle",
      kernel: sum([3, 50], [701], at([35_050, 1, 50]), at([50, 1])),
      sizes: [105_150, 150],
    },
    { what: "outer and inner sums", kernel: sum([20], [9, 703], at([703, 14_060, 1]), at([1])), sizes: [126_540, 20] },
    { what: "one sum", kernel: sum([], [120_007], at([1]), at([])), sizes: [120_007, 1] },
  ])("does $what of whole numbers exactly, in its chunks and blocks", ({ kernel, sizes }) => {
    const buffers = [whole(sizes[0]!), new Float32Array(sizes[1]!)];
    expect(runLoop(kernel, buffers, [], { shuffle: backwards })).toEqual(simulated(kernel, buffers));
  });

  test("cuts a long padded sum where its guard begins and ends", () => {
    const guards = [{ index: at([0, 1], -101), size: 39_001 }];
    const value = load(0, at([39_001, 1], -101));
    const otherwise: Expr = { kind: "constant", dtype: "f32", value: 1 };
    const guarded: Expr = { kind: "guarded", dtype: "f32", guards, value, otherwise };
    const kernel: LoopKernel = {
      ...sum([2], [40_000], at([1, 1]), at([1])),
      accumulators: [{ op: "sum", dtype: "f32", expr: guarded }],
    };
    const buffers = [whole(2 * 39_001), new Float32Array(2)];
    expect(runLoop(kernel, buffers)).toEqual(simulated(kernel, buffers));
  });

  test("touches nothing where guards fail that change with the lanes, however far away it were", () => {
    // Both guards follow two axes, so each lane decides. The first holds in row 0 alone, the second everywhere.
    const far = 100_000_000;
    const guardedBy = (size: number, value: Expr, otherwise: number): Expr => ({
      kind: "guarded",
      dtype: "f32",
      guards: [{ index: at([1000, 1]), size }],
      value,
      otherwise: { kind: "constant", dtype: "f32", value: otherwise },
    });
    const places = [at([far, 0]), at([far, 1]), at([far, -1], 39), at([far, 3])];
    places.forEach((place) => {
      const kernel: LoopKernel = {
        ...map([3, 40], place, at([40, 1])),
        stores: [{ buffer: 1, at: at([40, 1]), expr: guardedBy(37, guardedBy(9999, load(0, place), 2), 1) }],
      };
      const buffers = [whole(120), new Float32Array(120)];
      expect(runLoop(kernel, buffers, [], { place: "last" })).toEqual(simulated(kernel, buffers));
    });
  });

  test.each([
    { what: "along lanes", reduced: [1 << 18], steps: [1 << 18, 1] },
    { what: "across lanes", reduced: [1 << 18], steps: [1, 2] },
    { what: "in long rows", reduced: [16, 1 << 14], steps: [1 << 18, 1 << 14, 1] },
    { what: "in short rows", reduced: [1 << 12, 1 << 6], steps: [1 << 18, 1, 1 << 12] },
    { what: "in columns", reduced: [1 << 9, 1 << 9], steps: [1, 2, 1 << 10] },
  ])("sums many terms $what in blocks: errors grow with a block's terms plus the blocks", ({ reduced, steps }) => {
    const terms = 1 << 18;
    // Summed one after the other, 8192 of these are already off by 1993 units: most additions round the same way.
    const values = new Float32Array(2 * terms).fill(1.925287);
    const [, sums] = runLoop(sum([2], reduced, at(steps), at([1])), [values, new Float32Array(2)]);
    // A term goes through at most 256 additions of its block, one for each of at most 1024 blocks, and nine at the end
    // that bring lanes and vectors together. Each rounds by a unit of roundoff of a partial sum, all of them positive.
    const bound = (256 + 1024 + 9) * 2 ** -24;
    [0, 1].forEach((row) => {
      const total = points(reduced).reduce((partial, point) => {
        return partial + values[point.reduce((place, i, axis) => place + i * steps[axis + 1]!, row * steps[0]!)]!;
      }, 0);
      expect(Math.abs(sums![row]! - total)).toBeLessThanOrEqual(bound * total);
    });
  });
});
