import { simulate } from "@steelyard/compiler/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { families } from "./families.ts";
import { longProblems, problems, type Problem } from "./testing/random-kernels.ts";
import { runContraction } from "./testing/run-contraction.ts";

/** All families compute what the kernel means, bit for bit, and write nothing else. */
function proveEqual({ kernel, buffers, numbers }: Problem): void {
  const expected = buffers.map((buffer) => Float32Array.from(buffer));
  simulate(kernel, expected, numbers);
  for (const family of Object.values(families)) {
    const { results, overwritten } = runContraction(kernel, family, buffers, numbers);
    expect(results, family.name).toStrictEqual(expected);
    expect(overwritten, family.name).toStrictEqual([]);
  }
}

describe("a contraction as machine code", () => {
  it("equals its definition bit for bit, for any shape, steps, schedule and epilogue", () => {
    fc.assert(fc.property(problems, proveEqual), fuzz(300));
  });

  it("equals it where sums are cut into blocks", () => {
    fc.assert(fc.property(longProblems, proveEqual), fuzz(30));
  });
});
