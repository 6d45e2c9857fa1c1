import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { showKernel, type Affine, type Expr, type LoopKernel } from "@steelyard/compiler";
import { points, simulate } from "@steelyard/compiler/testing";
import { randomLoop } from "../../../cpu/test/loops/random-loop.ts";
import { fuzz } from "../../../cpu/test/fuzz.ts";
import { without } from "../../test/adapter.ts";
import { closeGpu, numberWords, runShader, testGpu, type Words } from "../../test/run-shader.ts";
import { guaranteed, type RenderOptions } from "../shader.ts";
import type { LoopSchedule } from "./loop-schedule.ts";
import { renderLoop } from "./loop.ts";

afterAll(closeGpu);

const options: RenderOptions = { ...guaranteed, schedule: null };
const at = (coefficients: readonly number[], constant = 0): Affine => ({ constant, coefficients });
const load = (buffer: number, index: Affine): Expr => ({ kind: "load", dtype: "f32", buffer, at: index });
const whole = (length: number, modulus = 17): Float32Array =>
  Float32Array.from({ length }, (_, i) => ((i * 7919) % modulus) - Math.floor(modulus / 2));

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

function simulated(kernel: LoopKernel, buffers: readonly Words[], numbers: readonly number[] = []): Words[] {
  const results = buffers.map((buffer) => buffer.slice());
  simulate(kernel, results, numbers);
  return results;
}

const schedules: fc.Arbitrary<LoopSchedule> = fc.record({
  points: fc.constantFrom(1, 4, 32),
  turns: fc.constantFrom(1, 1, 3),
  stripes: fc.constantFrom(1, 1, 2, 8),
  fastest: fc.constantFrom("points", "stripes"),
  fours: fc.constantFrom(null, "space", "reduced"),
});

describe.skipIf(without.device)(`a loop kernel as WGSL${without.because}`, () => {
  test.each([
    { what: "whatever its shape, steps, guards and dtypes", drawn: {}, runs: 20 },
    { what: "with guards around guards", drawn: { guardedPercent: 60 }, runs: 15 },
  ])(
    "gives what the kernel means, bit for bit, in every schedule, $what",
    async ({ drawn, runs }) => {
      const most = (await testGpu()).buffers;
      const property = fc.asyncProperty(fc.gen(), async (draw) => {
        const { kernel, buffers, numbers } = randomLoop(draw, drawn);
        fc.pre(buffers.length <= most);
        const offsets = draw(fc.boolean) ? buffers.map((_, i) => i % 3) : [];
        const shader = renderLoop(
          kernel,
          {
            ...options,
            adapter: draw(fc.constantFrom, "software" as const, "gpu" as const),
            limits: { ...options.limits, workgroups: draw(fc.constantFrom, 12, 65_535) },
            offsets: offsets.length > 0,
          },
          draw(() => fc.option(schedules, { nil: undefined })),
        );
        const run = { numbers: numberWords(kernel.numbers, numbers), offsets };
        const actual = await runShader(shader, buffers, run);
        const expected = simulated(kernel, buffers, numbers);
        expect(actual, `${showKernel(kernel)}\n${shader.text}`).toEqual(expected);
      });
      await fc.assert(property, fuzz(runs));
    },
    600_000,
  );

  test.each([
    { what: "one long row", kernel: map([100_004], at([1]), at([1])), sizes: [100_004, 100_004] },
    { what: "rows", kernel: map([301, 307], at([310, 1]), at([307, 1], 2)), sizes: [301 * 310, 301 * 307 + 2] },
    { what: "columns", kernel: map([301, 307], at([1, 301]), at([307, 1])), sizes: [301 * 307, 301 * 307] },
    { what: "row sums", kernel: sum([403], [1504], at([1504, 1]), at([1])), sizes: [403 * 1504, 403] },
    { what: "a few row sums", kernel: sum([3], [15_001], at([15_001, 1]), at([1])), sizes: [45_003, 3] },
    { what: "column sums", kernel: sum([36], [6007], at([1, 36]), at([1])), sizes: [36 * 6007, 36] },
    {
      what: "sums of the middle",
      kernel: sum([3, 50], [701], at([35_050, 1, 50]), at([50, 1])),
      sizes: [105_150, 150],
    },
    { what: "outer and inner sums", kernel: sum([20], [9, 704], at([704, 14_080, 1]), at([1])), sizes: [126_720, 20] },
    { what: "one sum", kernel: sum([], [120_008], at([1]), at([])), sizes: [120_008, 1] },
  ])("does $what of whole numbers exactly, for processors and for GPUs", async ({ kernel, sizes }) => {
    const buffers = [whole(sizes[0]!), new Float32Array(sizes[1]!)];
    const expected = simulated(kernel, buffers);
    for (const adapter of ["software", "gpu"] as const) {
      expect(await runShader(renderLoop(kernel, { ...options, adapter }), buffers)).toEqual(expected);
    }
  });

  test.each([
    { what: "of a row", reduced: [1 << 16], steps: [1 << 16, 1] },
    { what: "of a column", reduced: [1 << 16], steps: [1, 2] },
    { what: "of short rows", reduced: [1 << 10, 1 << 6], steps: [1 << 16, 1, 1 << 10] },
  ])(
    "sums many terms $what in blocks: errors grow with a block's terms plus the blocks",
    async ({ reduced, steps }) => {
      const terms = 1 << 16;
      // Summed one after the other, 8192 of these are already off by 1993 units: most additions round the same way.
      const values = new Float32Array(2 * terms).fill(1.925287);
      const kernel = sum([2], reduced, at(steps), at([1]));
      const total = points(reduced).reduce((partial, point) => {
        return partial + values[point.reduce((place, i, axis) => place + i * steps[axis + 1]!, 0)]!;
      }, 0);
      // A term goes through at most 4 · 256 additions of its block, one for each of at most 256 blocks and 8 halvings. Each
      // rounds by a unit of roundoff of a partial sum, all of them positive.
      const bound = (1024 + 256 + 8) * 2 ** -24 * total;
      const alone = { points: 4, turns: 1, stripes: 1, fastest: "points" } as const;
      const shared = { points: 1, turns: 1, stripes: 8, fastest: "stripes" } as const;
      for (const shape of [alone, shared]) {
        for (const fours of [null, "reduced"] as const) {
          const shader = renderLoop(kernel, options, { ...shape, fours });
          const [, sums] = await runShader(shader, [values, new Float32Array(2)]);
          for (const result of sums!) expect(Math.abs(result - total)).toBeLessThanOrEqual(bound);
        }
      }
    },
  );

  test("reads and writes vectors where all that is padded lies in fours", () => {
    const padded: Expr = {
      kind: "guarded",
      dtype: "f32",
      guards: [{ index: at([0, 1, 0], -1), size: 6 }],
      value: load(0, at([48, 8, 1], -8)),
      otherwise: { kind: "constant", dtype: "f32", value: 0 },
    };
    const kernel = { ...map([2, 8, 8], at([64, 8, 1]), at([64, 8, 1])) };
    const { text } = renderLoop({ ...kernel, stores: [{ ...kernel.stores[0]!, expr: padded }] }, options);
    expect(text).toContain("b0: array<vec4<f32>>");
    expect(text).toContain("b1: array<vec4<f32>>");
  });
});

describe("the text of a loop kernel", () => {
  test("is the same for the same kernel, but for its name", () => {
    const kernel = map([100, 100], at([100, 1]), at([1, 100]));
    const { text } = renderLoop(kernel, options);
    expect(renderLoop({ ...kernel, name: "other" }, options).text).toBe(text.replace("loop move", "loop other"));
  });
});
