import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { showKernel } from "@steelyard/compiler";
import { fuzz } from "../../test/fuzz.ts";
import { randomLoop } from "../../test/loops/random-loop.ts";
import { runLoop, simulated } from "../../test/loops/run-loop.ts";

describe("a loop kernel as WebAssembly", () => {
  test("gives what the kernel means, bit for bit, whatever its shape, steps, guards and dtypes", () => {
    fc.assert(
      fc.property(fc.gen(), (draw) => {
        const { kernel, buffers, numbers } = randomLoop(draw);
        const chunkTerms = draw(fc.constantFrom, 20, 100, 1000, 32768);
        const expected = simulated(kernel, buffers, numbers);
        const actual = runLoop(kernel, buffers, numbers, { chunkTerms, shuffle: (chunks) => chunks.toReversed() });
        expect(actual, showKernel(kernel)).toEqual(expected);
      }),
      { ...fuzz(300) },
    );
  });
});
