import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { defaultDevice, tensor } from "@steelyard/core";
import { SteelyardError } from "@steelyard/core";
import type { WebGpuDevice } from "@steelyard/webgpu";
import { afterEach, describe, expect, it, vi } from "vitest";
import { deviceChoice, deviceNames } from "./device-choice.ts";
import { device } from "./device.ts";

afterEach(() => vi.unstubAllEnvs());

describe("device", () => {
  it.each(["cpu", "interpreter"])("makes the device it returns the one that computes: %s", async (name) => {
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
    await expect(device(undefined, { threads: 2 })).rejects.toThrow("device: needs no options, got threads");
    vi.stubEnv("STEELYARD_DEVICE", "abacus");
    await expect(device()).rejects.toThrow(`STEELYARD_DEVICE: needs one of ${deviceNames.join(", ")}, got abacus`);
  });
});

/** A device as far as the choice looks at it. */
function adapter(kind: "gpu" | "software", name: string): WebGpuDevice & { readonly close: ReturnType<typeof vi.fn> } {
  return { kind, adapter: name, close: vi.fn(async () => undefined) } as unknown as ReturnType<typeof adapter>;
}

function absent(): Promise<never> {
  const details = { who: "webgpu", needs: "the package `webgpu` in Node", got: "none", hint: "npm install webgpu" };
  return Promise.reject(new SteelyardError({ code: "DeviceError", ...details }));
}

function broken(): Promise<never> {
  return Promise.reject(new TypeError("x is not a function"));
}

describe("the choice of a device", () => {
  const [gpu, llvmpipe] = [adapter("gpu", "a GPU of 1999"), adapter("software", "llvmpipe")];

  it("is WebGPU where that is a GPU", async () => {
    expect(await deviceChoice(undefined, {}, async () => gpu)).toEqual({
      name: "webgpu",
      because: "there is a GPU",
      gpu,
    });
    expect(gpu.close).not.toHaveBeenCalled();
  });

  it("is the CPU where there is none, and says what there is instead", async () => {
    const because = "behind WebGPU is no GPU here, but llvmpipe";
    expect(await deviceChoice(undefined, {}, async () => llvmpipe)).toEqual({ name: "cpu", because, gpu: null });
    expect(llvmpipe.close).toHaveBeenCalledOnce();
    const without = await deviceChoice(undefined, {}, absent);
    expect(without).toEqual({ name: "cpu", because: "webgpu needs the package `webgpu` in Node, got none", gpu: null });
  });

  it("is a GPU that only plays one where WebGPU is named, and an error where there is no adapter at all", async () => {
    const open = vi.fn(async () => llvmpipe);
    const chosen = await deviceChoice("webgpu", { limit: 4096 }, open);
    expect(chosen).toEqual({ name: "webgpu", because: "it was asked for", gpu: llvmpipe });
    expect(open).toHaveBeenCalledWith({ limit: 4096 });
    await expect(deviceChoice("webgpu", {}, absent)).rejects.toThrow("webgpu: needs the package `webgpu` in Node");
  });

  it("hides no error of our own behind the CPU", async () => {
    await expect(deviceChoice(undefined, {}, broken)).rejects.toThrow(TypeError);
  });

  it("is left to STEELYARD_DEVICE, unless the caller names one or it is empty", async () => {
    vi.stubEnv("STEELYARD_DEVICE", "interpreter");
    const named = { name: "interpreter", because: "STEELYARD_DEVICE names it", gpu: null };
    expect(await deviceChoice(undefined, {}, async () => gpu)).toEqual(named);
    expect(await deviceChoice("cpu", {}, async () => gpu)).toEqual({
      name: "cpu",
      because: "it was asked for",
      gpu: null,
    });
    vi.stubEnv("STEELYARD_DEVICE", "");
    expect(await deviceChoice(undefined, {}, async () => gpu)).toMatchObject({ name: "webgpu" });
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
