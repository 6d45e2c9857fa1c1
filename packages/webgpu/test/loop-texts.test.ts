import type { Kernel } from "@steelyard/compiler";
import { argMax, cast, concat, exp, flip, full, gather, max, maxPool, mean, mod, mul, pad, softmax, square, sub, sum, tensor, transpose, variance, where } from "@steelyard/core"; // prettier-ignore
import type { DType, Tensor } from "@steelyard/core";
import { afterAll, describe, expect, test } from "vitest";
import { planned } from "../../compiler/test/planned.ts";
import { guaranteed, type RenderOptions } from "../src/shader.ts";
import { renderKernel } from "../src/wgsl/render.ts";
import { without } from "./adapter.ts";
import { closeGpu, messagesOf } from "./run-shader.ts";

// The texts that kernels of loops become, kept in golden/ for people to read. Another text shows that something has changed;
// whether it computes what it should is for loop.test.ts.

afterAll(closeGpu);

const gpu: RenderOptions = { ...guaranteed, schedule: null };
const software: RenderOptions = { ...gpu, adapter: "software" };

const values = (shape: readonly number[], dtype: DType = "f32"): Tensor =>
  tensor(
    Array.from({ length: shape.reduce((n, size) => n * size, 1) }, (_, i) => i % 2),
    { shape, dtype },
  );

/** What is printed, and the kernel of its plan that is: the first or the last one. */
interface Golden {
  readonly roots: () => readonly Tensor[];
  readonly which?: "first" | "last";
  readonly options?: RenderOptions;
}

const image = [2, 8, 8, 16] as const;

const golden: Readonly<Record<string, Golden>> = {
  "relu-of-a-sum": { roots: () => [values(image).add(values([16])).relu()] },
  "relu-of-a-sum, on a processor": { roots: () => [values([64, ...image]).add(values([16])).relu()], options: software },
  "a-border-around-exp": { roots: () => [pad(exp(values(image)), [[0, 0], [1, 1], [1, 1], [0, 0]])] }, // prettier-ignore
  "zeros-around-an-odd-image": { roots: () => [pad(values([3, 5, 7]), [[0, 0], [1, 2], [2, 0]])] }, // prettier-ignore
  "concat-and-flip": { roots: () => [flip(concat([values([3, 5]), values([3, 6])], 1), 1)] },
  "transpose": { roots: () => [transpose(values([33, 65]))] },
  "sums-of-rows": { roots: () => [sum(values([100, 96]), 1)] },
  "sums-of-rows, on a processor": { roots: () => [sum(values([100, 96]), 1)], options: software },
  "sums-of-columns": { roots: () => [sum(values([1000, 48]), 0)] },
  "a-sum-of-everything": { roots: () => [sum(square(values([60_000])))] },
  "a-sum-of-everything, on a processor": { roots: () => [sum(square(values([60_000])))], options: software },
  "softmax": { roots: () => [softmax(values([40, 10]))] },
  "mean-and-variance": { roots: () => [mean(values([20, 30]), 0), variance(values([20, 30]), 0)] },
  "maxima-of-windows": { roots: () => [maxPool(values(image), { window: 2 })] },
  "where-the-largest-stands": { roots: () => [argMax(values([30, 50]), 1)] },
  "where-the-largest-stands, shared": { roots: () => [argMax(values([3, 5000]), 1)] },
  "maximum-of-halves": { roots: () => [max(values([9, 7], "f16"), 1)] },
  "products-of-halves": { roots: () => [mul(values([33], "f16"), values([33], "f16"))] },
  "gather": { roots: () => [gather(values([10, 6]), tensor([3, 1, 12], { dtype: "i32" }), 0)] },
  "whole-numbers": { roots: () => [mod(values([7, 9], "i32"), values([9], "i32"))] },
  "truths": { roots: () => [where(values([21], "bool"), values([21]).greater(0), values([21], "bool"))] },
  "casts": { roots: () => [cast(cast(values([21]), "i32").add(1), "f16")] },
  "a-number-of-the-step": { roots: () => [sub(values([64]), mul(values([64]), full([], 0.1)))] },
}; // prettier-ignore

async function kernelOf({ roots, which = "last" }: Golden): Promise<Kernel> {
  const { commands } = await planned(roots(), { columns: 4, panels: false });
  const kernels = commands.flatMap((command) => (command.kind === "kernel" ? [command.kernel] : []));
  return kernels.at(which === "first" ? 0 : -1)!;
}

const fileOf = (name: string): string => `loop-${name.replaceAll(/\W+/gu, "-")}.wgsl`;

describe("the text of", () => {
  test.each(Object.entries(golden))("%s", async (name, each) => {
    const { text } = renderKernel(await kernelOf(each), each.options ?? gpu);
    await expect(text).toMatchFileSnapshot(`golden/${fileOf(name)}`);
  });
});

describe.skipIf(without.device)(`a compiler says nothing about the text of${without.because}`, () => {
  test.each(Object.entries(golden))("%s", async (_, each) => {
    expect(await messagesOf(renderKernel(await kernelOf(each), each.options ?? gpu))).toEqual([]);
  });
});
