import type { ContractionKernel } from "@steelyard/compiler";
import { hostArray } from "@steelyard/core";
import { describe, expect, test } from "vitest";
import type { Prepared } from "../runtime/prepared.ts";
import { guaranteed, type RenderOptions } from "../shader.ts";
import type { ContractionSchedule } from "../wgsl/contraction-schedule.ts";
import { candidates } from "../wgsl/contraction-schedule.ts";
import { renderKernel } from "../wgsl/render.ts";
import type { StartTrials } from "./gpu-trials.ts";
import type { TuningOptions, TuningProgress } from "./options.ts";
import type { TuningStore } from "./store.ts";
import { tuningOf, type TunedGpu, type Tuning } from "./tuning.ts";

// A GPU without a GPU: what each schedule leaves and how long it takes is said here.

const gpu: TunedGpu = { kind: "gpu", description: "a GPU of paper", subgroup: null };
const options: RenderOptions = { ...guaranteed, schedule: null };

/** A product of m × n over k, dense, as rows. */
function product(m: number, n: number, k: number): ContractionKernel {
  return {
    kind: "contraction",
    name: `${m} × ${n}`,
    outer: [],
    m: { size: m, a: k, c: n },
    n: { size: n, b: 1 },
    k: [{ size: k, a: 1, b: n }],
    start: { a: 0, b: 0, c: 0 },
    epilogue: { kind: "accumulator", dtype: "f32", position: 0 },
    buffers: ["f32", "f32", "f32"],
    numbers: [],
    schedule: { b: "rows", columns: 4 },
  };
}

/** As much of a prepared plan as tuning needs. */
function prepared({ render }: Tuning, kernels: readonly ContractionKernel[]): Prepared {
  const dispatches = kernels.map((kernel) => ({ command: { kernel }, shader: render(kernel, options) }));
  return { session: { gpu, requireOpen: () => undefined }, dispatches } as unknown as Prepared;
}

/** Milliseconds of a run with each schedule, by its position among the candidates, and who of them is wrong. */
interface Paper {
  readonly times: readonly number[];
  readonly wrong?: readonly number[];
  /** Told of each kernel that is tried. */
  readonly trying?: (position: number) => void;
}

const trialsOf =
  ({ times, wrong = [], trying = () => undefined }: Paper): StartTrials =>
  async (_, position, shaders) => {
    trying(position);
    return {
      starts: shaders.map((__, i) => async () => ({
        result: async () => hostArray("f32", [wrong.includes(i) ? 1 : 0]),
        time: async (runs) => runs * (times[i] ?? 10),
      })),
      release: () => undefined,
    };
  };

function memoryStore(): TuningStore {
  const texts = new Map<string, string>();
  return {
    read: async (name) => texts.get(name) ?? null,
    write: async (name, text) => void texts.set(name, text),
  };
}

const open = (tune: boolean | TuningOptions, paper: Paper, schedule?: ContractionSchedule): Promise<Tuning> =>
  tuningOf(gpu, { tune, ...(schedule && { schedule }) }, renderKernel, trialsOf(paper));

const large = product(256, 256, 512);
const proposed = candidates(large, options);

describe("tuning", () => {
  test("prints a plan's large contractions with the quickest schedule, which a second process knows", async () => {
    const store = memoryStore();
    const first = await open({ store }, { times: [10, 9, 2, 5] });
    const plan = prepared(first, [large]);
    expect(plan.dispatches[0]!.shader.text).toBe(renderKernel(large, options).text);
    expect(await first.tune(plan)).toBe(true);
    const again = prepared(first, [large]);
    expect(again.dispatches[0]!.shader.text).toBe(renderKernel(large, { ...options, schedule: proposed[2]! }).text);
    expect(first.chosen()).toMatchObject([{ schedule: proposed[2], chosen: "tuned", gain: 5 }]);
    expect(await first.tune(again)).toBe(false);

    const tried: number[] = [];
    const second = await open({ store }, { times: [], trying: (position) => void tried.push(position) });
    const known = prepared(second, [large]);
    expect(known.dispatches[0]!.shader.text).toBe(again.dispatches[0]!.shader.text);
    expect(await second.tune(known)).toBe(false);
    expect(tried).toEqual([]);
    expect(second.chosen()).toEqual([{ ...first.chosen()[0], chosen: "remembered" }]);
  });

  test("never takes a schedule that leaves something else, and stays with the default where none is quicker", async () => {
    const told: TuningProgress[] = [];
    const tuning = await open(
      { store: null, progress: (each) => void told.push(each) },
      { times: [10, 1, 9.5], wrong: [1] },
    );
    expect(await tuning.tune(prepared(tuning, [large]))).toBe(false);
    expect(told[0]!.tried.map(({ finish }) => finish.kind).slice(0, 3)).toEqual(["timed", "wrong", "timed"]);
    expect(tuning.chosen()).toMatchObject([{ schedule: proposed[0], chosen: "tuned", gain: 1 }]);
  });

  test("tries each kind of contraction once, its largest, and leaves small ones alone", async () => {
    const tried: number[] = [];
    const told: TuningProgress[] = [];
    const paper = { times: [2, 1], trying: (position: number) => void tried.push(position) };
    const tuning = await open({ store: null, progress: (each) => void told.push(each) }, paper);
    const kernels = [product(16, 16, 16), product(250, 256, 512), product(260, 256, 512), product(64, 2048, 512)];
    expect(await tuning.tune(prepared(tuning, kernels))).toBe(true);
    expect(tried).toEqual([2, 3]);
    expect(told.map(({ kernel, done, of }) => ({ kernel, done, of }))).toEqual([
      { kernel: "260 × 256", done: 1, of: 2 },
      { kernel: "64 × 2048", done: 2, of: 2 },
    ]);
    prepared(tuning, kernels);
    expect(tuning.chosen().map(({ chosen }) => chosen)).toEqual(["default", "tuned", "tuned"]);
  });

  test("does not do the same twice for plans that run at the same time", async () => {
    const tried: number[] = [];
    const tuning = await open({ store: null }, { times: [2, 1], trying: (at) => void tried.push(at) });
    const plans = [prepared(tuning, [large]), prepared(tuning, [large])];
    // Both were printed before anything was known, so both have to be prepared again.
    expect(await Promise.all(plans.map((plan) => tuning.tune(plan)))).toEqual([true, true]);
    expect(tried).toEqual([0]);
  });

  test("runs a plan as it is where nothing can be tried, and tells why", async () => {
    const told: TuningProgress[] = [];
    let attempts = 0;
    const fails: StartTrials = () => {
      attempts++;
      return Promise.reject(new Error("no memory"));
    };
    const tune = { store: null, progress: (each: TuningProgress) => void told.push(each) };
    const tuning = await tuningOf(gpu, { tune }, renderKernel, fails);
    expect(await tuning.tune(prepared(tuning, [large]))).toBe(false);
    expect(await tuning.tune(prepared(tuning, [large]))).toBe(false);
    expect(told).toMatchObject([{ tried: [], failure: "no memory" }]);
    expect(attempts).toBe(1);
    expect(tuning.chosen()).toMatchObject([{ chosen: "default", gain: null }]);
  });

  test("fails with a device that is lost", async () => {
    const tuning = await tuningOf(gpu, { tune: { store: null } }, renderKernel, () =>
      Promise.reject(new Error("gone")),
    );
    const plan = prepared(tuning, [large]);
    const lost = { ...plan, session: { ...plan.session, requireOpen: () => { throw new Error("the device was lost"); } } }; // prettier-ignore
    await expect(tuning.tune(lost)).rejects.toThrow("the device was lost");
  });

  test("is off where a schedule is given, where the caller says so, and on software adapters", async () => {
    const paper: Paper = { times: [10, 1], trying: () => expect.unreachable("nothing is tried") };
    const schedule = proposed[3]!;
    const software = await tuningOf({ ...gpu, kind: "software" }, {}, renderKernel, trialsOf(paper));
    for (const tuning of [await open(false, paper), await open(true, paper, schedule), software])
      expect(await tuning.tune(prepared(tuning, [large]))).toBe(false);
  });

  test("does not use what is remembered where it does not fit the kernel or the device", async () => {
    const store = memoryStore();
    const wide: ContractionSchedule = { kind: "workgroup", rows: 8, columns: 8, depth: 8, invocations: [16, 16] };
    const at = proposed.findIndex((each) => JSON.stringify(each) === JSON.stringify(wide));
    const first = await open({ store }, { times: proposed.map((_, i) => (i === at ? 1 : 10)) });
    await first.tune(prepared(first, [large]));
    const second = await open({ store }, { times: [] });
    const narrow = { ...options, limits: { ...options.limits, invocations: 64 } };
    expect(second.render(large, options).text).toBe(renderKernel(large, { ...options, schedule: wide }).text);
    expect(second.render(large, narrow).text).toBe(renderKernel(large, narrow).text);
    expect(second.chosen()).toMatchObject([{ chosen: "default", gain: null }]);
  });
});
