import process from "node:process";
import { deviceLaws } from "@steelyard/core/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { webgpu, type WebGpuDevice } from "../src/index.ts";
import { flushesSubnormals, without } from "./adapter.ts";

// The laws of every device, for this one. Software adapters take long to compile a shader, and each case has its own: by
// default there are few random ones.

const isLong = process.env["STEELYARD_FUZZ"] === "long";
const laws = deviceLaws({ cases: isLong ? 100 : 1, flushesSubnormals });

describe.skipIf(without.device)(`the WebGPU device${without.because} keeps`, () => {
  let device: WebGpuDevice;
  beforeAll(async () => {
    device = await webgpu();
  });
  afterAll(() => device.close());

  describe.each(Object.entries(laws))("the laws of %s", (_, group) => {
    for (const { title, check } of group) test(title, () => check(device), 600_000);
  });
});
