import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { emitContraction } from "./emit-contraction.ts";
import { families } from "./families.ts";
import { matrixProduct } from "./testing/example-kernels.ts";
import { proveEqual } from "./testing/prove-equal.ts";
import { longProblems, problems } from "./testing/random-kernels.ts";

describe("a contraction as machine code", () => {
  it("equals its definition bit for bit, for any shape, steps, schedule and epilogue", () => {
    fc.assert(
      fc.property(problems, (problem) => proveEqual(problem, ["wide", "fma", "plain"])),
      fuzz(150),
    );
  }, 600_000);

  it("equals it where sums are cut into blocks", () => {
    fc.assert(
      fc.property(longProblems, (problem) => proveEqual(problem, ["wide", "fma", "plain"])),
      fuzz(15),
    );
  }, 600_000);

  it("has the same bytes for the same kernel", () => {
    const kernel = matrixProduct(37, 41, 43, { b: "panels", columns: 16 });
    const [first, second] = [1, 2].map(() => emitContraction(structuredClone(kernel), families.wide));
    expect(first).toStrictEqual(second);
  });
});
