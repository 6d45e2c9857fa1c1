import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { defaultDevice, tensor } from "@steelyard/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { deviceChoice, deviceNames } from "./device-choice.ts";
import { device } from "./device.ts";

afterEach(() => vi.unstubAllEnvs());

describe("device", () => {
  it.each(deviceNames)("makes the device it returns the one that computes: %s", async (name) => {
    const chosen = await device(name);
    expect(chosen.name).toBe(name);
    expect(defaultDevice()).toBe(chosen);
    expect(await tensor([1, 2]).sum().item()).toBe(3);
  });

  it("passes its options on", async () => {
    const single = await device("cpu", { threads: 1, deterministic: true });
    expect(single).toMatchObject({ threads: 1, family: { name: "plain" } });
    await single.close();
  });

  it("opens what STEELYARD_DEVICE names, unless the caller names another", async () => {
    vi.stubEnv("STEELYARD_DEVICE", "interpreter");
    expect((await device()).name).toBe("interpreter");
    expect((await device("cpu")).name).toBe("cpu");
  });

  it("refuses what it does not know", async () => {
    await expect(device("abacus")).rejects.toThrow(`device: needs one of ${deviceNames.join(", ")}, got abacus`);
    await expect(device("interpreter", { threads: 2 })).rejects.toThrow(
      'device("interpreter"): needs no options, got threads',
    );
    vi.stubEnv("STEELYARD_DEVICE", "abacus");
    await expect(device()).rejects.toThrow(`STEELYARD_DEVICE: needs one of ${deviceNames.join(", ")}, got abacus`);
  });
});

describe("the choice of a device", () => {
  it("says how it came about", async () => {
    expect(await deviceChoice("interpreter")).toMatchObject({ name: "interpreter", because: "it was asked for" });
    vi.stubEnv("STEELYARD_DEVICE", "interpreter");
    expect(await deviceChoice()).toMatchObject({ name: "interpreter", because: "STEELYARD_DEVICE names it" });
    vi.stubEnv("STEELYARD_DEVICE", "");
    expect(await deviceChoice()).toMatchObject({ name: "cpu" });
  });
});

/** What a fresh process prints that has imported all of steelyard. */
function printed(code: string): string {
  const umbrella = fileURLToPath(new URL("index.ts", import.meta.url));
  const program = `import * as steelyard from ${JSON.stringify(umbrella)};\n${code}`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" }).trim();
}

describe("importing steelyard", () => {
  it("offers the CPU where no device is chosen, and leaves a choice alone", () => {
    expect(printed("console.log(steelyard.defaultDevice().name, await steelyard.tensor([1, 2]).sum().item())")).toBe(
      "cpu 3",
    );
    expect(printed('await steelyard.device("interpreter"); console.log(steelyard.defaultDevice().name)')).toBe(
      "interpreter",
    );
  });
});
