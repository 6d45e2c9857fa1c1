import { setFlagsFromString } from "node:v8";
import { showKernel, type LoopKernel } from "@steelyard/compiler";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";
import { randomLoop } from "./loops/random-loop.ts";
import { runLoop, simulated } from "./loops/run-loop.ts";

// The pass that fuses vectors in pairs rewrites what was emitted. Random kernels seldom become optimised code by running a
// few times, so here everything is optimised from the start. Flags are of the process: this file has its own.
setFlagsFromString("--no-liftoff");
setFlagsFromString("--experimental-wasm-revectorize");

/**
 * What the pass gets wrong (in Node 24) and no plan holds: two choices side by side, and vectors that are stored forwards
 * and backwards.
 */
function isPlanned({ stores, accumulators }: LoopKernel): boolean {
  const isForward = stores.every(({ at }) => at.coefficients.every((step) => step >= 0));
  return isForward && accumulators.filter(({ op }) => op === "choose").length <= 1;
}

describe("V8's revectorizer leaves a loop kernel its meaning", () => {
  test.each([
    { what: "whatever its shape, steps, guards and dtypes", options: {}, runs: 200 },
    { what: "with guards around guards", options: { guardedPercent: 60 }, runs: 50 },
  ])("$what", ({ options, runs }) => {
    fc.assert(
      fc.property(fc.gen(), (draw) => {
        const { kernel, buffers, numbers } = randomLoop(draw, options);
        fc.pre(isPlanned(kernel));
        const chunkTerms = draw(fc.constantFrom, 100, 1000, 32_768);
        const actual = runLoop(kernel, buffers, numbers, { chunkTerms });
        expect(actual, showKernel(kernel)).toEqual(simulated(kernel, buffers, numbers));
      }),
      fuzz(runs),
    );
  });
});
