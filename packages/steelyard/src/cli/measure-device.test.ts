import { families } from "@steelyard/cpu";
import { afterEach, expect, it, vi } from "vitest";
import { calibrationLines, measureDevice } from "./measure-device.ts";

afterEach(() => vi.unstubAllEnvs());

it("says what computes and why, and how quick each register tile of the CPU is", async () => {
  vi.stubEnv("STEELYARD_DEVICE", "interpreter");
  const [choice, cpu, ...tiles] = (await measureDevice([])).split("\n");
  expect(choice).toBe("interpreter computes: STEELYARD_DEVICE names it");
  expect(cpu).toMatch(/^cpu, \d+ threads?, (not )?revectorised, uses (wide|fma|plain)$/u);
  expect(tiles.length).toBeGreaterThan(0);
  for (const tile of tiles) expect(tile).toMatch(/^ {2}(wide|fma|plain) +\d × \d+ +\d+ GFLOP\/s on one thread$/u);
});

it("lists them as they were measured", () => {
  const { wide, plain } = families;
  const measurements = [
    { family: wide, gflops: 103.4 },
    { family: plain, gflops: 9.6 },
  ];
  expect(calibrationLines({ measurements, best: wide })).toEqual([
    "  wide   6 × 16   103 GFLOP/s on one thread",
    "  plain  4 × 8     10 GFLOP/s on one thread",
  ]);
});

it("takes nothing else", async () => {
  await expect(measureDevice(["--fast"])).rejects.toThrow("steelyard device: needs nothing behind it, got --fast");
});
