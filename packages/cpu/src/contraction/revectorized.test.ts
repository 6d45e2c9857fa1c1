import v8 from "node:v8";
import fc from "fast-check";
import { describe, it } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { longProblems, problems } from "./testing/random-kernels.ts";
import { proveEqual } from "./testing/prove-equal.ts";

// In a process of their own: optimised from the first call on, with neighbouring vectors fused into 256 bits.
v8.setFlagsFromString("--experimental-wasm-revectorize");
v8.setFlagsFromString("--no-liftoff");

describe("a contraction under V8's revectorizer", () => {
  it("equals its definition bit for bit, for any shape, steps, schedule and epilogue", () => {
    fc.assert(
      fc.property(problems, (problem) => proveEqual(problem, ["wide"])),
      fuzz(60),
    );
  }, 600_000);

  it("equals it where sums are cut into blocks", () => {
    fc.assert(
      fc.property(longProblems, (problem) => proveEqual(problem, ["wide"])),
      fuzz(15),
    );
  }, 600_000);
});
