import process from "node:process";
import { deviceLaws, type DeviceLaw } from "@steelyard/core/testing";
import { describe, test } from "vitest";
import type { Target } from "../src/index.ts";
import { simulatedDevice } from "../src/testing/simulated-device.ts";

// The whole compiler, without any device: plans are run element by element, in memory that starts as NaN, and every access
// is held to the bounds of its buffer.

const cases = process.env["STEELYARD_FUZZ"] === "long" ? 200 : 10;
const laws = deviceLaws({ cases });

function keeps(group: readonly DeviceLaw[], target: Target): void {
  const device = simulatedDevice(target);
  for (const { title, check } of group) test(title, () => check(device), 600_000);
}

describe.each(Object.entries(laws))("plans with panels of 8 columns keep the laws of %s", (_, group) => {
  keeps(group, { columns: 8, panels: true });
});

// What a device wants of contractions changes these plans alone.
describe.each([
  { columns: 4, panels: true },
  { columns: 16, panels: true },
  { columns: 4, panels: false },
  { columns: 8, panels: false },
  { columns: 16, panels: false },
])("plans of contractions for a device of %o", (target) => {
  keeps(laws.adjoints, target);
});
describe("plans of graphs for a device without panels", () => keeps(laws.graphs, { columns: 16, panels: false }));
describe.each(Object.entries(laws))(
  "plans of kernels with 6 windows of 128 elements keep the laws of %s",
  (_, group) => {
    keeps(group, { columns: 8, panels: false, buffers: 6, window: 128 });
  },
);
