import process from "node:process";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { showKernel } from "@steelyard/compiler";
import { simulate } from "@steelyard/compiler/testing";
import type { ContractionSchedule } from "../src/index.ts";
import { candidates } from "../src/wgsl/contraction-schedule.ts";
import { renderContraction } from "../src/wgsl/contraction.ts";
import { without } from "./adapter.ts";
import { randomContraction } from "./contractions/random-contraction.ts";
import { closeGpu, numberWords, runShader, testGpu } from "./run-shader.ts";

afterAll(closeGpu);

const runs = process.env["STEELYARD_FUZZ"] === "long" ? 150 : 24;

/** The schedules of random contractions: those that are proposed, if they are short, and any other. */
function randomSchedule(
  draw: fc.GeneratorValue,
  proposed: readonly ContractionSchedule[],
  lanes: number,
): ContractionSchedule {
  const short = proposed.filter(({ rows, columns, depth }) => rows * columns * depth <= 32);
  if (short.length > 0 && draw(fc.boolean)) return short[draw(fc.nat, short.length - 1)]!;
  if (draw(fc.boolean)) {
    const [down, across] = [draw(fc.integer, { min: 1, max: 6 }), draw(fc.integer, { min: 1, max: 6 })];
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
});
