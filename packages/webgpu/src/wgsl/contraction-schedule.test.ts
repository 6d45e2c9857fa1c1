import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ContractionKernel } from "@steelyard/compiler";
import { randomContraction } from "../../test/contractions/random-contraction.ts";
import { guaranteed, type RenderOptions } from "../shader.ts";
import { groupBytes, groupTileOf } from "./contraction-group.ts";
import { candidates, defaultSchedule, type RegisterSchedule } from "./contraction-schedule.ts";
import { renderContraction } from "./contraction.ts";

const gpu: RenderOptions = { ...guaranteed, schedule: null };
const software: RenderOptions = {
  ...gpu,
  adapter: "software",
  features: { f16: false, subgroups: true },
  limits: { ...gpu.limits, subgroup: 8 },
};

/** A matrix product [m, k] × [k, n]. */
const product = (m: number, k: number, n: number): ContractionKernel => ({
  kind: "contraction",
  name: "dot",
  outer: [],
  m: { size: m, a: k, c: n },
  n: { size: n, b: 1 },
  k: [{ size: k, a: 1, b: n }],
  start: { a: 0, b: 0, c: 0 },
  epilogue: { kind: "accumulator", dtype: "f32", position: 0 },
  buffers: ["f32", "f32", "f32"],
  numbers: [],
  schedule: { b: "rows", columns: 4 },
});

/** Results of one invocation on a GPU. */
function tileOnGpu(kernel: ContractionKernel): number {
  const schedule = defaultSchedule(kernel, gpu);
  return schedule.kind === "workgroup" ? schedule.rows * schedule.columns : 0;
}

describe("the schedules that are proposed", () => {
  test("are one to eight, the same for equal kernels, within the limits of the adapter", () => {
    const limits = { ...gpu.limits, invocations: 128, workgroupBytes: 8192 };
    fc.assert(
      fc.property(fc.gen(), (draw) => {
        const { kernel } = randomContraction(draw);
        for (const options of [software, gpu, { ...gpu, limits }]) {
          const proposed = candidates(kernel, options);
          expect(proposed.length).toBeGreaterThan(0);
          expect(proposed.length).toBeLessThanOrEqual(8);
          expect(candidates({ ...kernel, name: "other" }, options)).toEqual(proposed);
          expect(new Set(proposed.map((schedule) => JSON.stringify(schedule))).size).toBe(proposed.length);
          for (const schedule of proposed) {
            if (schedule.kind === "registers") continue;
            const tile = groupTileOf(kernel, schedule, options);
            expect(tile.invocations).toBeLessThanOrEqual(options.limits.invocations);
            expect(groupBytes(tile)).toBeLessThanOrEqual(options.limits.workgroupBytes);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test("make large kernels quick and small ones short, where compiling is slow", () => {
    const large = defaultSchedule(product(1024, 1024, 1024), software) as RegisterSchedule;
    expect(large.lanes).toBe(8);
    expect(large.rows * large.columns).toBeGreaterThanOrEqual(48);
    const loads = renderContraction(product(2, 32, 100), software).text.match(/= b[01]\[/gu)!;
    expect(loads.length).toBeLessThanOrEqual(4);
  });

  test("share workgroup memory on GPUs, in large blocks where there are enough of them", () => {
    expect(tileOnGpu(product(4096, 4096, 4096))).toBe(64);
    expect(tileOnGpu(product(64, 64, 64))).toBeLessThan(64);
  });

  test("do without subgroups where their size is not known", () => {
    const schedule = defaultSchedule(product(64, 64, 64), { ...software, limits: gpu.limits });
    expect(schedule).toMatchObject({ kind: "registers", lanes: 1 });
  });
});
