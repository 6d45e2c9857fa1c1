import type { ContractionKernel, Expr } from "@steelyard/compiler";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guaranteed, renderKernel, type ContractionSchedule, type Shader } from "../src/index.ts";
import { openGpu } from "../src/runtime/adapter.ts";
import type { Prepared } from "../src/runtime/prepared.ts";
import { sessionOf, type Session } from "../src/runtime/session.ts";
import { gpuTrials } from "../src/tuning/gpu-trials.ts";
import { race, type Finish } from "../src/tuning/race.ts";
import { without } from "./adapter.ts";

const sum: Expr = { kind: "accumulator", dtype: "f32", position: 0 };
const call = (name: string, ...args: Expr[]): Expr => ({ kind: "call", dtype: "f32", name, args });

/** relu(A · B) + bias · number, of 9 × 8 over 12, stored with a gap behind every row. */
const kernel: ContractionKernel = {
  kind: "contraction",
  name: "a layer",
  outer: [],
  m: { size: 9, a: 12, c: 10 },
  n: { size: 8, b: 1 },
  k: [{ size: 12, a: 1, b: 8 }],
  start: { a: 0, b: 0, c: 0 },
  epilogue: call(
    "add",
    call("relu", sum),
    call(
      "mul",
      { kind: "load", dtype: "f32", buffer: 2, at: { constant: 0, coefficients: [0, 1] } },
      { kind: "number", dtype: "f32", position: 0 },
    ),
  ),
  buffers: ["f32", "f32", "f32", "f32"],
  numbers: ["f32"],
  schedule: { b: "rows", columns: 4 },
};

const small: ContractionSchedule = { kind: "registers", rows: 2, columns: 4, depth: 1, along: "n", lanes: 1 };
const others: readonly ContractionSchedule[] = [
  { kind: "registers", rows: 3, columns: 4, depth: 4, along: "m", lanes: 1 },
  { kind: "workgroup", rows: 2, columns: 2, depth: 4, invocations: [4, 4] },
];

const rendered = (schedule: ContractionSchedule, offsets = false, of: ContractionKernel = kernel): Shader =>
  renderKernel(of, { ...guaranteed, schedule, offsets });

describe.skipIf(without.device)(`trials of schedules on the GPU${without.because}`, () => {
  let session: Session;
  beforeAll(async () => {
    session = sessionOf(await openGpu({}), Infinity);
  });
  afterAll(() => session.destroy());

  /** How shaders fare against the kernel's own, whose buffers begin so many elements behind where they are bound. */
  async function finishesOf(shaders: readonly Shader[], offsets = [0, 0, 0, 0]): Promise<readonly Finish[]> {
    const elements = [9 * 12, 12 * 8, 8, 9 * 10];
    const plan = { buffers: elements.map((count, i) => ({ elements: 64 + count + offsets[i]!, dtype: "f32" })) };
    const dispatch = {
      command: { kernel, buffers: [0, 1, 2, 3] },
      shader: shaders[0]!,
      starts: [0, 64, 0, 64],
      offsets,
    };
    const trials = await gpuTrials({ session, plan, dispatches: [dispatch] } as unknown as Prepared, 0, shaders);
    try {
      return (await race(trials.starts)).finishes;
    } finally {
      trials.release();
    }
  }

  test("are timed where they leave the same, epilogues and runtime numbers included", async () => {
    const finishes = await finishesOf([small, ...others].map((schedule) => rendered(schedule)));
    expect(finishes).toEqual(finishes.map(() => ({ kind: "timed", milliseconds: expect.any(Number) as number })));
    for (const finish of finishes) expect(finish.kind === "timed" && finish.milliseconds).toBeGreaterThan(0);
    expect(session.buffers.use().inUse).toBe(0);
  });

  test("know where values begin", async () => {
    const finishes = await finishesOf([small, ...others].map((schedule) => rendered(schedule, true)), [1, 2, 3, 5]); // prettier-ignore
    expect(finishes.map(({ kind }) => kind)).toEqual(["timed", "timed", "timed"]);
  });

  test("are wrong where a sum, an epilogue or a place is another, and fail where nothing compiles", async () => {
    const right = rendered(small);
    const wrong = [
      { ...kernel, k: [{ size: 11, a: 1, b: 8 }] },
      { ...kernel, epilogue: sum },
      { ...kernel, m: { ...kernel.m, size: 8 } },
      // Stores behind the end of a row, where nothing belongs.
      { ...kernel, start: { ...kernel.start, c: 1 } },
    ].map((other) => rendered(small, false, other));
    // A word for the number stays, though not all of them read it.
    const finishes = await finishesOf([right, ...wrong, { ...right, text: "no shader" }]);
    expect(finishes.map(({ kind }) => kind)).toEqual(["timed", "wrong", "wrong", "wrong", "wrong", "failed"]);
  });
});
