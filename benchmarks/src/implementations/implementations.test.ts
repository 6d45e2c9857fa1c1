import { interpreter, tensor, trace } from "@steelyard/core";
import { cpu } from "@steelyard/cpu";
import { describe, expect, test } from "vitest";
import { oddWorks, tinyWorks } from "../testing/tiny-works.ts";
import { allRight, resultOf, verdicts } from "../testing/verdicts.ts";
import type { Work } from "../works/work.ts";
import { jax } from "./jax.ts";
import { memoryCopy } from "./memory.ts";
import { movedCell, steelyard } from "./steelyard.ts";
import { loadGradients } from "./tfjs-gradients.ts";
import { tfjs } from "./tfjs.ts";

/** Work that a filter gradient is part of. */
const trains = ({ kind, pass }: Work): boolean => kind === "net" || pass === "gradFilter" || pass === "all";
const noFilterGradient = "Kernel 'Conv2DBackpropFilter' not registered for backend 'wasm'";

describe("everybody does the same work", () => {
  test("steelyard in f32", async () => {
    const ours = steelyard("interpreter", 1, () => interpreter());
    const works = [...tinyWorks, ...oddWorks];
    expect(await verdicts(ours, works)).toEqual(allRight(works));
  });

  test.each([1, 2])("steelyard on the CPU device with %i threads", async (threads) => {
    const device = cpu({ threads });
    const works = [...tinyWorks, ...oddWorks];
    expect(
      await verdicts(
        steelyard("cpu", threads, () => device),
        works,
      ),
    ).toEqual(allRight(works));
    await device.close();
  });

  test("tfjs cpu, which has no gradient of dilated and grouped convolutions", async () => {
    const theirs = tfjs("cpu", loadGradients);
    expect(await theirs.available()).toBeNull();
    expect(await verdicts(theirs, tinyWorks)).toEqual(allRight(tinyWorks));
    expect(await verdicts(theirs, oddWorks)).toMatchInlineSnapshot(`
      {
        "4→6 3×3 d2 6×7 ×2 all": "Error in gradient of conv2D: dilation rates greater than 1 are not yet supported in gradients. Got dilations '2'",
        "4→6 3×3 d2 6×7 ×2 forward": null,
        "4→6 3×3 d2 6×7 ×2 gradFilter": "Error in gradient of conv2D: dilation rates greater than 1 are not yet supported in gradients. Got dilations '2'",
        "4→6 3×3 d2 6×7 ×2 gradInput": "Error in gradient of conv2D: dilation rates greater than 1 are not yet supported in gradients. Got dilations '2'",
        "4→6 3×3 g2 6×7 ×2 all": "Error in conv2d: depth of input (4) must match input depth for filter 2.",
        "4→6 3×3 g2 6×7 ×2 forward": "Error in conv2d: depth of input (4) must match input depth for filter 2.",
        "4→6 3×3 g2 6×7 ×2 gradFilter": "Error in conv2d: depth of input (4) must match input depth for filter 2.",
        "4→6 3×3 g2 6×7 ×2 gradInput": "Error in conv2d: depth of input (4) must match input depth for filter 2.",
      }
    `);
  });

  test("tfjs wasm, which has no filter gradient and so cannot train", async () => {
    const wasm = tfjs("wasm", loadGradients);
    expect(await wasm.available()).toBeNull();
    const refused = tinyWorks.filter(trains).map(({ name, pass }) => [`${name} ${pass}`, noFilterGradient]);
    expect(await verdicts(wasm, tinyWorks)).toEqual({ ...allRight(tinyWorks), ...Object.fromEntries(refused) });
  });

  test("jax-js wasm", async () => {
    const wasm = jax("wasm");
    expect(await wasm.available()).toBeNull();
    const works = [...tinyWorks, ...oddWorks];
    expect(await verdicts(wasm, works)).toEqual(allRight(works));
  });

  test("the copier copies, and does no arithmetic", async () => {
    const copy: Work = { kind: "copy", name: "memory copy", pass: "forward", size: 10 };
    expect(await resultOf(memoryCopy, copy)).toHaveLength(10);
    await expect(memoryCopy.prepare(tinyWorks[0]!)).rejects.toThrow("has no arithmetic");
  });
});

describe("an empty step", () => {
  test("has twenty nodes for each of its cells", () => {
    expect(trace(movedCell(tensor([0, 0]))).nodes).toHaveLength(20);
  });

  test("moves every cell and finds its plan again", async () => {
    const ours = steelyard("interpreter", 1, () => interpreter());
    const result = await resultOf(ours, { kind: "emptyStep", name: "empty step", pass: "step", nodes: 40 });
    expect([...result]).toEqual(Array.from({ length: 8 }, () => -21));
  });
});
