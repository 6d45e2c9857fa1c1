import { expect, test } from "vitest";
import { openGpu } from "../implementations/navigator-gpu.ts";
import { gpuPeakLoop } from "./gpu-peak.ts";

const missing = await openGpu();

test.skipIf(missing !== null)(`a loop in WGSL has a rate${missing === null ? "" : ` (${missing})`}`, async () => {
  const peak = await gpuPeakLoop();
  const rate = await peak();
  expect(Number.isFinite(rate)).toBe(true);
  expect(rate).toBeGreaterThan(0);
});
