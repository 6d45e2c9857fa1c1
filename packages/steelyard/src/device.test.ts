import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { defaultDevice, tensor } from "@steelyard/core";
import { describe, expect, it } from "vitest";
import { device, deviceNames } from "./device.ts";

describe("device", () => {
  it.each(deviceNames)("makes the device it returns the one that computes: %s", async (name) => {
    const chosen = device(name);
    expect(chosen.name).toBe(name);
    expect(defaultDevice()).toBe(chosen);
    expect(await tensor([1, 2]).sum().item()).toBe(3);
  });

  it("opens the quickest device when none is named, and passes its options on", async () => {
    const plain = device();
    const single = device("cpu", { threads: 1, deterministic: true });
    expect([plain.name, single.threads, single.family.name]).toEqual(["cpu", 1, "plain"]);
    await Promise.all([plain, single].map((opened) => opened.close()));
  });

  it("refuses what it does not know", () => {
    expect(() => device("abacus")).toThrow("device: needs one of cpu, interpreter, got abacus");
    expect(() => device("interpreter", { threads: 2 })).toThrow('device("interpreter"): needs no options, got threads');
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
    expect(printed('steelyard.device("interpreter"); console.log(steelyard.defaultDevice().name)')).toBe("interpreter");
  });
});
