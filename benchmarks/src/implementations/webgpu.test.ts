import { describe, expect, test } from "vitest";
import { fewKernels } from "../testing/tiny-works.ts";
import { allRight, resultOf, verdicts } from "../testing/verdicts.ts";
import { whyNoWebgpu } from "../testing/why-no-webgpu.ts";
import type { Work } from "../works/work.ts";
import { bareWebgpu } from "./bare-webgpu.ts";
import { jax } from "./jax.ts";
import { adapterName } from "./navigator-gpu.ts";
import { steelyardWebgpu } from "./steelyard-webgpu.ts";
import { loadGradients } from "./tfjs-gradients.ts";
import { tfjs } from "./tfjs.ts";

const missing = await whyNoWebgpu();
const because = missing === null ? "" : ` (${missing})`;
const kernels: Work = { kind: "kernels", name: "three small kernels", pass: "step", kernels: 3, size: 100 };
/** A shader takes a compiler of the processor as a GPU up to seconds. */
const patience = 240_000;
const copy: Work = { kind: "copy", name: "memory copy", pass: "forward", size: 10 };

describe.skipIf(missing !== null)(`everybody does the same work on WebGPU${because}`, () => {
  test("by the same adapter, which has a name", async () => {
    const everybody = [steelyardWebgpu("webgpu"), tfjs("webgpu", loadGradients), jax("webgpu"), bareWebgpu()];
    const name = await adapterName();
    expect(name).toMatch(/\w/);
    for (const each of everybody) expect([await each.available(), await each.adapter!()]).toEqual([null, name]);
  });

  test("steelyard", { timeout: patience }, async () => {
    const works = [...fewKernels, kernels];
    expect(await verdicts(steelyardWebgpu("webgpu"), works)).toEqual(allRight(works));
  });

  test("tfjs", { timeout: patience }, async () => {
    expect(await verdicts(tfjs("webgpu", loadGradients), fewKernels)).toEqual(allRight(fewKernels));
  });

  test("jax-js", { timeout: patience }, async () => {
    expect(await verdicts(jax("webgpu"), fewKernels)).toEqual(allRight(fewKernels));
  });

  test("WebGPU by hand, which copies and dispatches, and does no arithmetic", async () => {
    const bare = bareWebgpu();
    expect(await verdicts(bare, [kernels])).toEqual(allRight([kernels]));
    expect(await resultOf(bare, copy)).toHaveLength(10);
    await expect(bare.prepare(fewKernels[0]!)).rejects.toThrow("has no arithmetic");
  });
});
