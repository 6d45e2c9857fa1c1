import { expect, test } from "vitest";
import { whyNoWebgpu } from "../testing/why-no-webgpu.ts";
import { gpuPeakLoop } from "./gpu-peak.ts";

const missing = await whyNoWebgpu();

test.skipIf(missing !== null)(`a loop in WGSL has a rate${missing === null ? "" : ` (${missing})`}`, async () => {
  const peak = await gpuPeakLoop();
  const rate = await peak();
  expect(Number.isFinite(rate)).toBe(true);
  expect(rate).toBeGreaterThan(0);
});
