import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { showKernel } from "@steelyard/compiler";
import { simulate } from "@steelyard/compiler/testing";
import { randomLoop } from "../../../cpu/test/loops/random-loop.ts";
import { closeGpu, numberWords, runShader, testGpu } from "../../test/run-shader.ts";
import { renderLoop } from "./loop.ts";

afterAll(closeGpu);

describe("a loop kernel as WGSL", () => {
  test("gives what the kernel means, bit for bit, whatever its shape, steps, guards and dtypes", async () => {
    const gpu = await testGpu();
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (draw) => {
        const { kernel, buffers, numbers } = randomLoop(draw, { guardedPercent: Number(process.env["GUARDED"] ?? 10) });
        fc.pre(buffers.length <= gpu.buffers);
        const expected = buffers.map((buffer) => buffer.slice());
        simulate(kernel, expected, numbers);
        const points = draw(fc.constantFrom, 1, 4, 32);
        const turns = draw(fc.constantFrom, 1, 1, 3);
        const fours = draw(fc.constantFrom, null, "space" as const, "reduced" as const);
        const stripes = draw(fc.constantFrom, 1, 1, 2, 8);
        const fastest = draw(fc.constantFrom, "points" as const, "stripes" as const);
        const offsets = draw(fc.boolean) ? buffers.map((_, i) => i % 3) : undefined;
        const options = { ...gpu.options, offsets: offsets !== undefined };
        const shader = renderLoop(kernel, options, { points, turns, stripes, fastest, fours });
        const run = { numbers: numberWords(kernel.numbers, numbers), ...(offsets && { offsets }) };
        const actual = await runShader(shader, buffers, run);
        expect(actual, `${showKernel(kernel)}\n${shader.text}`).toEqual(expected);
      }),
      {
        numRuns: Number(process.env["RUNS"] ?? 30),
        endOnFailure: process.env["QUICK"] !== undefined,
        ...(process.env["SEED"] ? { seed: Number(process.env["SEED"]), path: process.env["FCPATH"]! } : {}),
      },
    );
  }, 600_000);
});
