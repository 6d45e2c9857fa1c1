import type { ContractionKernel } from "@steelyard/compiler";
import type { Render } from "../runtime/session.ts";
import { guaranteed } from "../shader.ts";
import { candidates } from "../wgsl/contraction-schedule.ts";
import { hashOf } from "./remembered.ts";

/** 2 products of 64 × 32 over 48, dense, as rows. */
const sample: ContractionKernel = {
  kind: "contraction",
  name: "sample",
  outer: [{ size: 2, a: 64 * 48, b: 0, c: 64 * 32 }],
  m: { size: 64, a: 48, c: 32 },
  n: { size: 32, b: 1 },
  k: [{ size: 48, a: 1, b: 32 }],
  start: { a: 0, b: 0, c: 0 },
  epilogue: { kind: "accumulator", dtype: "f32", position: 0 },
  buffers: ["f32", "f32", "f32"],
  numbers: [],
  schedule: { b: "rows", columns: 4 },
};

/**
 * Whatever was measured holds for the shaders that were measured. So tables are of the version that is the hash of what
 * this package would try for a sample, and the texts that it would print: a change of any of them begins a new table, and
 * nobody has to think of it.
 */
export function versionOf(print: Render): string {
  const tried = (["software", "gpu"] as const).flatMap((adapter) => {
    const options = { ...guaranteed, adapter };
    return candidates(sample, options).map((schedule) => {
      return JSON.stringify(schedule) + print(sample, { ...options, schedule }).text;
    });
  });
  return hashOf(tried.join("\n"));
}
