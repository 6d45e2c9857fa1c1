import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { deviceLaws } from "@steelyard/core/testing";
import { afterAll, describe, expect, test } from "vitest";
import { cpu } from "../src/index.ts";

// V8 optimises code that has run often; these laws run each kernel a few times. So they are run once more with everything
// optimised from the start, and with the pass that fuses vectors in pairs. Flags are of the process: this file has its own.
setFlagsFromString("--no-liftoff");

const device = cpu({ threads: 2, revectorize: true });
afterAll(() => device.close());

describe.each(Object.entries(deviceLaws({ seed: 500 })))("optimised code keeps the laws of %s", (_, laws) => {
  for (const { title, check } of laws) test(title, () => check(device), 600_000);
});

test("the family of tiles is the one for fused pairs, where the processor has them", () => {
  const { arch, env } = process;
  expect(device.family.name).toBe(arch === "x64" && env["STEELYARD_REVECTORIZE"] !== "0" ? "wide" : "fma");
});
