import process from "node:process";
import { deviceLaws } from "@steelyard/core/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { renderKernel, type WebGpuDevice } from "../src/index.ts";
import { openDevice } from "../src/runtime/open-device.ts";
import { without } from "./adapter.ts";

// What a device does whose kernels see 4 buffers at once, and 256 elements of each: everything that is larger is computed in
// pieces. An adapter's own limits do the same to tensors of 128 MiB and more.

const isLong = process.env["STEELYARD_FUZZ"] === "long";
const { adjoints, graphs, semantics, memory } = deviceLaws({ cases: isLong ? 40 : 1, seed: 300 });

/** Hundreds of pieces. */
const slow = ["large reductions"];

describe.skipIf(without.device)(`a device that sees little at a time${without.because} keeps`, () => {
  let device: WebGpuDevice;
  beforeAll(async () => {
    device = await openDevice({}, renderKernel, { buffers: 4, window: 256 });
  });
  afterAll(() => device.close());

  describe.each(Object.entries({ adjoints, graphs, semantics, memory }))("the laws of %s", (_, group) => {
    for (const { title, check } of group) {
      test.skipIf(!isLong && slow.includes(title))(title, () => check(device), 600_000);
    }
  });
});
