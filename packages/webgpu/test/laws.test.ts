import process from "node:process";
import { deviceLaws } from "@steelyard/core/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { webgpu, type WebGpuDevice } from "../src/index.ts";
import { whyNoDevice } from "./adapter.ts";

// The laws of every device, for this one. Software adapters take long to compile a shader, so by default there are few
// random cases.

const cases = { short: 2, long: 100 }[process.env["STEELYARD_FUZZ"] === "long" ? "long" : "short"];
const missing = await whyNoDevice();

describe.skipIf(missing !== null)(`on WebGPU${missing === null ? "" : ` (${missing})`}`, () => {
  let device: WebGpuDevice;
  beforeAll(async () => {
    device = await webgpu();
  });
  afterAll(() => device.close());

  describe.each(Object.entries(deviceLaws({ cases })))("the laws of %s", (_, laws) => {
    for (const { title, check } of laws) test(title, () => check(device), 600_000);
  });
});
