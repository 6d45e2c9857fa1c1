import { matmul, setDefaultDevice, tensor, defaultDevice, zeros } from "@steelyard/core";
import { expect, test } from "vitest";
import type { Calibration } from "./contraction/calibrate.ts";
import { families, type Family } from "./contraction/families.ts";
import { cpu } from "./device.ts";
import { clearlyBetter } from "./family-choice.ts";

function measured(...speeds: [Family, number][]): Calibration {
  return { measurements: speeds.map(([family, gflops]) => ({ family, gflops })), best: speeds[0]![0] };
}

async function multiplied(size: number, options: Parameters<typeof cpu>[0]): Promise<ReturnType<typeof cpu>> {
  const before = defaultDevice();
  const device = cpu({ threads: 1, ...options });
  setDefaultDevice(device);
  await matmul(zeros([size, size]), tensor(new Float32Array(size * size), { shape: [size, size] })).data();
  setDefaultDevice(before);
  return device;
}

test("what is measured is every tile that computes right here, the quickest first", async () => {
  const device = await multiplied(8, {});
  const { measurements, best } = device.calibration();
  expect(device.family).toBe(clearlyBetter(device.calibration(), families.fma));
  expect(measurements[0]?.family).toBe(best);
  expect(measurements.map(({ family }) => family.name).toSorted()).toEqual(["fma", "plain", "wide"]);
  const speeds = measurements.map(({ gflops }) => gflops);
  expect(speeds).toEqual(speeds.toSorted((a, b) => b - a));
  expect(device.calibration().measurements).toBe(measurements);
});

test("the likely tile stays unless another is clearly quicker, and one that computes wrong is never used", () => {
  const { wide, fma, plain } = families;
  expect(clearlyBetter(measured([fma, 55], [wide, 50], [plain, 40]), wide)).toBe(wide);
  expect(clearlyBetter(measured([fma, 55], [wide, 30], [plain, 29]), wide)).toBe(fma);
  expect(clearlyBetter(measured([plain, 40]), fma)).toBe(plain);
  expect(clearlyBetter({ measurements: [], best: plain }, wide)).toBe(plain);
});

test("a small program is not worth a measurement", async () => {
  const device = await multiplied(16, {});
  expect(device.family.name).toBe("fma");
});

test("a large one is, but not where the tile is given", async () => {
  const device = await multiplied(512, { family: "plain" });
  expect(device.family.name).toBe("plain");
  const deterministic = await multiplied(512, { deterministic: true });
  expect(deterministic.family.name).toBe("plain");
  expect(deterministic.calibration().best.name).toBeTypeOf("string");
  expect(deterministic.family.name).toBe("plain");
});

test("a tile that would not be deterministic is refused", () => {
  expect(() => cpu({ deterministic: true, family: "fma" })).toThrow('cpu: needs the family "plain"');
});
