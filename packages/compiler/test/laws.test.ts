import { describe, test } from "vitest";
import { deviceLaws } from "@steelyard/core/testing";
import { simulatedDevice } from "../src/testing/simulated-device.ts";

describe.each(Object.entries(deviceLaws()))("simulated: %s", (_, laws) => {
  const device = simulatedDevice({ columns: 8, panels: true });
  for (const { title, check } of laws) test(title, () => check(device));
});
