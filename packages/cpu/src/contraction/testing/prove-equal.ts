import { simulate } from "@steelyard/compiler/testing";
import { expect } from "vitest";
import { families, type Family } from "../families.ts";
import type { Problem } from "./random-kernels.ts";
import { runContraction } from "./run-contraction.ts";

/** Families compute what a kernel means, bit for bit, and write nothing else. */
export function proveEqual({ kernel, limits, buffers, numbers }: Problem, names: readonly Family["name"][]): void {
  const expected = buffers.map((buffer) => buffer.slice());
  simulate(kernel, expected, numbers);
  for (const name of names) {
    const { results, overwritten } = runContraction(kernel, { family: families[name], limits }, buffers, numbers);
    expect(results, name).toStrictEqual(expected);
    expect(overwritten, name).toStrictEqual([]);
  }
}
