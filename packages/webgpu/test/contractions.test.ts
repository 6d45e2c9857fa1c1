import process from "node:process";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { showKernel, type ContractionKernel } from "@steelyard/compiler";
import { simulate } from "@steelyard/compiler/testing";
import type { ContractionSchedule } from "../src/index.ts";
import { candidates } from "../src/wgsl/contraction-schedule.ts";
import { renderContraction } from "../src/wgsl/contraction.ts";
import { without } from "./adapter.ts";
import { randomContraction } from "./contractions/random-contraction.ts";
import { closeGpu, numberWords, runShader, testGpu } from "./run-shader.ts";

afterAll(closeGpu);

const runs = process.env["STEELYARD_FUZZ"] === "long" ? 150 : 16;

/** The schedules of random contractions: those that are proposed, if they are short, and any other. */
function randomSchedule(
  draw: fc.GeneratorValue,
  proposed: readonly ContractionSchedule[],
  lanes: number,
): ContractionSchedule {
  const short = proposed.filter(({ rows, columns, depth }) => rows * columns * depth <= 32);
  if (short.length > 0 && draw(fc.boolean)) return short[draw(fc.nat, short.length - 1)]!;
  if (draw(fc.boolean)) {
    const [down, across] = [draw(fc.integer, { min: 2, max: 6 }), draw(fc.integer, { min: 1, max: 6 })];
    const [rows, columns] = [draw(fc.integer, { min: 1, max: 5 }), draw(fc.integer, { min: 1, max: 5 })];
    const depth = draw(fc.integer, { min: 1, max: 12 });
    return { kind: "workgroup", rows, columns, depth, invocations: [down, across] };
  }
  const along = draw(fc.constantFrom, "m" as const, "n" as const);
  const [own, shared] = [draw(fc.integer, { min: 1, max: 6 }), draw(fc.integer, { min: 1, max: 10 })];
  return {
    kind: "registers",
    rows: along === "m" ? own : shared,
    columns: along === "m" ? shared : own,
    depth: draw(fc.integer, { min: 1, max: 6 }),
    along,
    lanes: draw(fc.constantFrom, 1, lanes),
  };
}

/** −0 as 0: drivers may take x · y for x · y + 0. */
const plainZeros = <Words extends { map: (each: (x: number) => number) => Words }>(words: Words): Words =>
  words.map((x) => x + 0);

describe.skipIf(without.device)(`a contraction as WGSL${without.because}`, () => {
  test("gives the same bits for whole numbers, whatever its sizes, steps and schedule", async () => {
    const { adapter, options } = await testGpu();
    const { subgroupMinSize, subgroupMaxSize } = adapter.info;
    const lanes = options.features.subgroups && subgroupMinSize === subgroupMaxSize ? subgroupMinSize : 1;
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (draw) => {
        const { kernel, buffers, numbers } = randomContraction(draw);
        const expected = buffers.map((buffer) => buffer.slice());
        simulate(kernel, expected, numbers);
        const starts = draw(
          fc.constantFrom,
          null,
          buffers.map((_, i) => (i * 3) % 5),
        );
        const kind = {
          ...options,
          adapter: draw(fc.constantFrom, "software" as const, "gpu" as const),
          limits: { ...options.limits, subgroup: lanes, workgroups: draw(fc.constantFrom, 65_535, 3) },
          offsets: starts !== null,
        };
        const schedule = randomSchedule(draw, candidates(kernel, kind), lanes);
        const shader = renderContraction(kernel, { ...kind, schedule });
        const run = { numbers: numberWords(kernel.numbers, numbers), ...(starts !== null && { offsets: starts }) };
        const actual = await runShader(shader, buffers, run);
        expect(
          plainZeros(actual.at(-1)!),
          `${showKernel(kernel)}\n${JSON.stringify(schedule)}\n${shader.text}`,
        ).toEqual(plainZeros(expected.at(-1)!));
      }),
      { numRuns: runs, ...(process.env["STEELYARD_SEED"] && { seed: Number(process.env["STEELYARD_SEED"]) }) },
    );
  }, 600_000);

  // Each product and each sum is rounded once at most, so that a sum of K products is within
  //
  //   |c − Σ a·b| ≤ γ · Σ |a|·|b|,     γ = (K + 1)·u / (1 − (K + 1)·u).
  test("keeps the error bound of a sum for all numbers", async () => {
    const { options } = await testGpu();
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (draw) => {
        const { kernel, buffers } = randomContraction(draw, true);
        const real = (data: (typeof buffers)[number]): typeof data =>
          data.map((x, i) => (Number.isNaN(x) ? x : Math.fround(Math.sin(i * 12.9898 + x) * 3)));
        const operands = [real(buffers[0]!), real(buffers[1]!)];
        const [exact, sizes] = [0, 1].map(() => new Float64Array(buffers[2]!.length)) as [Float64Array, Float64Array];
        const wide = { ...kernel, epilogue: { ...kernel.epilogue, dtype: "f64" as const } };
        simulate(wide, [...operands, exact]);
        simulate(wide, [...operands.map((data) => data.map(Math.abs)), sizes]);
        const schedule = randomSchedule(draw, candidates(kernel, options), 1);
        const actual = await runShader(renderContraction(kernel, { ...options, schedule }), [...operands, buffers[2]!]);
        const roundings = (kernel.k.reduce((terms, { size }) => terms * size, 1) + 1) * 2 ** -24;
        const bound = roundings / (1 - roundings);
        actual.at(-1)!.forEach((value, i) => {
          // Where nothing is stored there is a 1, and in the exact results a 0 of size 0.
          if (sizes[i] === 0) return;
          expect(Math.abs(value - exact[i]!), `element ${i} of ${showKernel(kernel)}`).toBeLessThanOrEqual(
            bound * sizes[i]!,
          );
        });
      }),
      { numRuns: Math.ceil(runs / 3) },
    );
  }, 600_000);

  test("is right by every schedule that is proposed for GPUs", async () => {
    const { options } = await testGpu();
    const [[kernel, buffers, numbers]] = fc.sample(
      fc.gen().map((draw) => {
        const each = randomContraction(draw);
        return [each.kernel, each.buffers, each.numbers] as const;
      }),
      { numRuns: 1, seed: 5 },
    ) as [readonly [ContractionKernel, readonly Float32Array[], readonly number[]]];
    const expected = buffers.map((buffer) => buffer.slice());
    simulate(kernel, expected, numbers);
    for (const schedule of candidates(kernel, { ...options, adapter: "gpu" })) {
      const shader = renderContraction(kernel, { ...options, adapter: "gpu", schedule });
      const actual = await runShader(shader, buffers, { numbers: numberWords(kernel.numbers, numbers) });
      expect(plainZeros(actual.at(-1)!), JSON.stringify(schedule)).toEqual(plainZeros(expected.at(-1)!));
    }
  }, 600_000);
});
