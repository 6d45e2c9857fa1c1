import { random, setDefaultDevice } from "@steelyard/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { deviceRecord, deviceText, openRunDevice, threadsOf } from "./run-device.ts";

const asked = {
  device: "cpu",
  threads: null,
  tiles: null,
  deterministic: false,
  strategies: ["equal", "naiveDynamic"],
} as const;

describe("the device of a run", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("has its share of the cores where strategies train side by side, and one thread at least", () => {
    expect([8, 3, 2, 1].map((cores) => threadsOf(asked, cores))).toEqual([4, 1, 1, 1]);
    expect(threadsOf({ ...asked, threads: 5 }, 2)).toBe(5);
  });

  it("computes what the interpreter computes", async () => {
    const all = await Promise.all(
      (["cpu", "interpreter"] as const).map(async (device) => {
        const opened = await openRunDevice({ ...asked, device, threads: 1 });
        setDefaultDevice(opened.device);
        const bits = await random.uniform(random.key(1), [40]).data();
        await opened.close();
        return bits;
      }),
    );
    expect(all[0]).toEqual(all[1]);
  });

  it("is recorded with what decides its arithmetic", async () => {
    vi.stubEnv("STEELYARD_REVECTORIZE", "0");
    const record = await deviceRecord({ ...asked, threads: 2, tiles: "fma" });
    expect(record).toEqual({
      device: "cpu",
      adapter: null,
      threads: 2,
      tiles: "fma",
      revectorised: false,
      winograd: true,
      deterministic: false,
    });
    expect(await deviceRecord({ ...asked, deterministic: true })).toMatchObject({
      tiles: "plain",
      deterministic: true,
    });
    expect(await deviceRecord({ ...asked, device: "interpreter" })).toMatchObject({ threads: 1, tiles: null });
  });

  it("is what the environment names where the options leave it open", async () => {
    vi.stubEnv("STEELYARD_DEVICE", "interpreter");
    expect(await deviceRecord({ ...asked, device: null })).toMatchObject({ device: "interpreter" });
    expect(await deviceRecord(asked)).toMatchObject({ device: "cpu" });
  });

  it("measures its tiles once: every device of this process that is asked the same has the same", async () => {
    const [first, second] = [await deviceRecord(asked), await deviceRecord(asked)];
    expect(second).toEqual(first);
    expect(["wide", "fma", "plain"]).toContain(first.tiles);
    expect(first.revectorised).toBe(process.arch === "x64");
  });

  it("refuses tiles whose bits are not the same everywhere where these are asked for", async () => {
    await expect(deviceRecord({ ...asked, tiles: "wide", deterministic: true })).rejects.toThrow(
      'cpu: needs the family "plain", to be deterministic, got wide',
    );
  });

  it("is named in one line", () => {
    const wide = {
      device: "cpu",
      adapter: null,
      threads: 1,
      tiles: "wide",
      revectorised: true,
      winograd: true,
      deterministic: false,
    } as const;
    expect(deviceText(wide)).toBe(
      "cpu, 1 thread for each strategy, register tiles wide (6 × 16), revectorised, Winograd",
    );
    expect(deviceText({ ...wide, device: "webgpu", adapter: "a GPU of 1999" })).toBe("webgpu: a GPU of 1999");
  });
});
