import type { ContractionKernel, Expr } from "@steelyard/compiler";
import { afterAll, describe, expect, test } from "vitest";
import { guaranteed, type RenderOptions } from "../src/shader.ts";
import type { ContractionSchedule } from "../src/index.ts";
import { renderContraction } from "../src/wgsl/contraction.ts";
import { without } from "./adapter.ts";
import { closeGpu, messagesOf } from "./run-shader.ts";

// The texts that contractions become, kept in golden/ for people to read. Another text shows that something has changed;
// whether it computes what it should is for contractions.test.ts.

afterAll(closeGpu);

const sum: Expr = { kind: "accumulator", dtype: "f32", position: 0 };

/** relu(sum + bias), of which the last axis has its own. */
const biased = (rank: number): Expr => {
  const coefficients = Array.from({ length: rank }, (_, axis) => Number(axis === rank - 1));
  const bias: Expr = { kind: "load", dtype: "f32", buffer: 2, at: { constant: 0, coefficients } };
  const added: Expr = { kind: "call", dtype: "f32", name: "add", args: [sum, bias] };
  return { kind: "call", dtype: "f32", name: "relu", args: [added] };
};

const plain = {
  kind: "contraction",
  start: { a: 0, b: 0, c: 0 },
  epilogue: sum,
  buffers: ["f32", "f32", "f32"],
  numbers: [],
  schedule: { b: "rows", columns: 4 },
} as const;

/** 3 × 3 taps on [2, 10, 10, 8], 2 images with zeros around them: 16 filters. */
const convolution: ContractionKernel = {
  ...plain,
  name: "conv",
  outer: [
    { size: 2, a: 800, b: 0, c: 1024 },
    { size: 8, a: 80, b: 0, c: 128 },
  ],
  m: { size: 8, a: 8, c: 16 },
  n: { size: 16, b: 1 },
  k: [
    { size: 3, a: 80, b: 384 },
    { size: 24, a: 1, b: 16 },
  ],
  epilogue: biased(4),
  buffers: ["f32", "f32", "f32", "f32"],
};

/** Its filter gradient: dy is [2, 8, 8, 16]. */
const filterGradient: ContractionKernel = {
  ...plain,
  name: "convGradFilter",
  outer: [{ size: 3, a: 80, b: 0, c: 384 }],
  m: { size: 24, a: 1, c: 16 },
  n: { size: 16, b: 1 },
  k: [
    { size: 2, a: 800, b: 1024 },
    { size: 8, a: 80, b: 128 },
    { size: 8, a: 8, b: 16 },
  ],
};

/** 13 × 7 by 7 × 5, in 3 batches. */
const odd: ContractionKernel = {
  ...plain,
  name: "dot",
  outer: [{ size: 3, a: 91, b: 35, c: 65 }],
  m: { size: 13, a: 7, c: 5 },
  n: { size: 5, b: 1 },
  k: [{ size: 7, a: 1, b: 5 }],
  epilogue: biased(3),
  buffers: ["f32", "f32", "f32", "f32"],
};

/** 32 rows and 3 columns: neighbours lie along the rows. */
const narrow: ContractionKernel = {
  ...plain,
  name: "conv",
  outer: [],
  m: { size: 32, a: 16, c: 3 },
  n: { size: 3, b: 1 },
  k: [{ size: 16, a: 1, b: 3 }],
};

const gpu: RenderOptions = { ...guaranteed, schedule: null };
const alone: RenderOptions = { ...gpu, adapter: "software" };
const software: RenderOptions = {
  ...alone,
  features: { f16: false, subgroups: true },
  limits: { ...gpu.limits, subgroup: 8 },
};
/** Small blocks, so that people can read them. */
const small: ContractionSchedule = { kind: "workgroup", rows: 4, columns: 4, depth: 8, invocations: [8, 4] };

const tile: ContractionSchedule = { kind: "registers", rows: 8, columns: 4, depth: 4, along: "n", lanes: 8 };

const golden: Readonly<Record<string, readonly [ContractionKernel, RenderOptions]>> = {
  "a convolution": [convolution, { ...gpu, schedule: small }],
  "a filter gradient": [filterGradient, { ...gpu, schedule: small }],
  "odd sizes": [odd, { ...gpu, schedule: { ...small, rows: 2, columns: 1 } }],
  "a convolution on a processor": [convolution, { ...software, schedule: tile }],
  "a filter gradient on a processor": [filterGradient, { ...software, schedule: { ...tile, depth: 1 } }],
  "odd sizes on a processor": [odd, { ...software, schedule: { ...tile, columns: 1, depth: 2 } }],
  "three columns on a processor": [narrow, { ...software, schedule: { ...tile, rows: 4, columns: 3, along: "m" } }],
  "a convolution without subgroups": [convolution, { ...alone, schedule: { ...tile, rows: 4, lanes: 1 } }],
  "a convolution in parts of buffers": [convolution, { ...software, schedule: { ...tile, depth: 1 }, offsets: true }],
};

const fileOf = (name: string): string => `golden/contraction-${name.replaceAll(/\W+/gu, "-")}.wgsl`;

describe("the text of", () => {
  test.each(Object.entries(golden))("%s", async (name, [kernel, options]) => {
    await expect(renderContraction(kernel, options).text).toMatchFileSnapshot(fileOf(name));
  });

  test("equal kernels is equal, whatever they are called", () => {
    const named = renderContraction({ ...odd, name: "other" }, software).text;
    expect(named.replaceAll(/^\/\/.*\n/gmu, "")).toBe(
      renderContraction(odd, software).text.replaceAll(/^\/\/.*\n/gmu, ""),
    );
  });
});

describe.skipIf(without.device)(`a compiler${without.because} has nothing to say about`, () => {
  test.each(Object.entries(golden))("%s", async (_, [kernel, options]) => {
    expect(await messagesOf(renderContraction(kernel, options))).toEqual([]);
  });
});
