import { random, setDefaultDevice } from "@steelyard/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { deviceRecord, deviceText, openRunDevice, threadsOf } from "./run-device.ts";

const asked = { device: "cpu", threads: null, deterministic: false, strategies: ["equal", "naiveDynamic"] };

describe("the device of a run", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("has its share of the cores where strategies train side by side, and one thread at least", () => {
    expect([8, 3, 2, 1].map((cores) => threadsOf(asked, cores))).toEqual([4, 1, 1, 1]);
    expect(threadsOf({ ...asked, threads: 5 }, 2)).toBe(5);
  });

  it("computes what the interpreter computes", async () => {
    const all = await Promise.all(
      ["cpu", "interpreter"].map(async (device) => {
        const opened = openRunDevice({ ...asked, device, threads: 1 });
        setDefaultDevice(opened.device);
        const bits = await random.uniform(random.key(1), [40]).data();
        opened.close();
        return bits;
      }),
    );
    expect(all[0]).toEqual(all[1]);
  });

  it("is recorded with what decides its arithmetic", () => {
    vi.stubEnv("STEELYARD_REVECTORIZE", "0");
    const record = deviceRecord({ ...asked, threads: 2 });
    expect(record).toEqual({
      device: "cpu",
      threads: 2,
      tiles: "fma 6 × 8",
      revectorised: false,
      deterministic: false,
    });
    expect(deviceRecord({ ...asked, deterministic: true })).toMatchObject({
      tiles: "plain 4 × 8",
      deterministic: true,
    });
    expect(deviceRecord({ ...asked, device: "interpreter" })).toEqual({ device: "interpreter", threads: 1 });
  });

  it.runIf(process.arch === "x64")("fuses vectors unless it is told not to", () => {
    expect(deviceRecord(asked)).toMatchObject({ tiles: "wide 6 × 16", revectorised: true });
  });

  it("is named in one line", () => {
    const wide = { device: "cpu", threads: 1, tiles: "wide 6 × 16", revectorised: true, deterministic: false };
    expect(deviceText(wide)).toBe("cpu, 1 thread for each strategy, register tiles wide 6 × 16, revectorised");
  });
});
