import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { showKernel } from "@steelyard/compiler";
import type { Affine, Expr, LoopKernel } from "@steelyard/compiler";
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
  test("gives what the kernel means, bit for bit, whatever its shape, steps, guards and dtypes", () => {
    fc.assert(
      fc.property(fc.gen(), (draw) => {
        const { kernel, buffers, numbers } = randomLoop(draw);
        const chunkTerms = draw(fc.constantFrom, 20, 100, 1000, 32768);
        const place = draw(fc.constantFrom, "first" as const, "last" as const);
        const expected = simulated(kernel, buffers, numbers);
        const actual = runLoop(kernel, buffers, numbers, { chunkTerms, shuffle: backwards, place });
        expect(actual, showKernel(kernel)).toEqual(expected);
      }),
      { ...fuzz(200) },
    );
  });

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
      terms: fc.constantFrom(30, 32768),
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

  test.each([
    { what: "along lanes", kernel: sum([2], [1 << 18], at([1 << 18, 1]), at([1])) },
    { what: "across lanes", kernel: sum([2], [1 << 18], at([1, 2]), at([1])) },
  ])(
    "sums many terms $what in blocks, so that errors grow with terms plus blocks and not with all terms",
    ({ kernel }) => {
      const terms = 1 << 18;
      const values = Float32Array.from({ length: 2 * terms }, (_, i) => 1 + ((i * 2_654_435_761) % 1000) / 1000);
      const [, sums] = runLoop(kernel, [values, new Float32Array(2)]);
      const exact = [0, 1].map((row) => {
        const step = kernel.accumulators[0]!.expr.kind === "load" ? kernel.accumulators[0]!.expr.at.coefficients : [];
        let total = 0;
        for (let i = 0; i < terms; i++) total += values[row * step[0]! + i * step[1]!]!;
        return total;
      });
      // A term goes through at most 256 additions of its block, one for each of at most 1024 blocks, and nine at the end
      // that bring lanes and vectors together. Each rounds by a unit of roundoff of a partial sum, all of them positive.
      const bound = (256 + 1024 + 9) * 2 ** -24;
      exact.forEach((total, i) => expect(Math.abs(sums![i]! - total)).toBeLessThanOrEqual(bound * total));
    },
  );
});
