import {
  defaultDevice,
  hostSolve,
  realise,
  setDefaultDevice,
  step,
  tensor,
  Variable,
  type Device,
} from "@steelyard/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { webgpu, type WebGpuDevice } from "../src/index.ts";
import { openGpu } from "../src/runtime/adapter.ts";
import { without } from "./adapter.ts";

const lost = /^webgpu: needs a device, got one that was lost: .*\n {2}hint: await device\.recover\(\)$/u;

describe.skipIf(without.device)(`a GPU device that is lost${without.because}`, () => {
  let before: Device;
  let device: WebGpuDevice;
  beforeEach(async () => {
    before = defaultDevice();
    setDefaultDevice((device = await webgpu()));
  });
  afterEach(async () => {
    setDefaultDevice(before);
    await device.close();
  });

  test("rejects the calls that are under way, and all later ones", async () => {
    const x = tensor(new Float32Array(100_000).fill(2));
    await realise(x);
    const stored = device.upload(new Float32Array(100_000), [100_000], "f32", "x");
    const underWay = Promise.allSettled([x.mul(3).sum().data(), device.read(stored)]);
    device.destroy();
    for (const outcome of await underWay) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { message: expect.stringMatching(lost) as string } });
    }
    await expect(x.mul(4).data()).rejects.toThrow(lost);
    await expect(tensor([1]).add(1).data()).rejects.toThrow(lost);
    expect(() => device.upload(new Float32Array(1), [1], "f32", "x")).toThrow(lost);
  });

  test("rejects a program that is being compiled", async () => {
    const { device: gpu } = await openGpu({});
    const other = await webgpu({ device: gpu, observe: () => gpu.destroy() });
    setDefaultDevice(other);
    await expect(tensor([1, 2]).sin().data()).rejects.toThrow(lost);
    await other.close();
  });

  test("rejects a run whose host solve saw it go", async () => {
    const w = new Variable([1, 2], { name: "w" });
    const [solved] = hostSolve([w.value.mul(2)], [[2]], ([a, b]) => {
      device.destroy();
      return [[a!, b!]];
    });
    w.assign(w.value.add(solved!));
    await expect(step()).rejects.toThrow(lost);
    w.dispose();
  });

  test("is opened again by recover; lost values say so, and those of a checkpoint go on", async () => {
    const w = new Variable([1, 2, 3], { name: "w" });
    const train = async (): Promise<void> => {
      w.assign(w.value.mul(2).add(1));
      await step();
    };
    await train();
    const checkpoint = await w.value.data();
    await train();
    device.destroy();
    await expect(train()).rejects.toThrow(lost);
    await Promise.all([device.recover(), device.recover()]);
    await expect(w.value.data()).rejects.toThrow(
      "webgpu: needs values that the device holds, got those of w, which were lost with an earlier device\n" +
        "  hint: upload them again, from a checkpoint",
    );
    await expect(train()).rejects.toThrow("got those of w");
    w.assign(tensor(checkpoint));
    await step();
    // The same plans, prepared for the new device.
    await train();
    expect(await w.value.data()).toEqual(new Float32Array([7, 11, 15]));
    expect(device.memory().values.buffersInUse).toBe(1);
    w.dispose();
    expect(device.memory().values.buffersInUse).toBe(0);
  });

  test("may be one that others opened and destroyed", async () => {
    const { device: gpu } = await openGpu({});
    const shared = await webgpu({ device: gpu });
    setDefaultDevice(shared);
    try {
      expect(await tensor([1, 2]).add(1).data()).toEqual(new Float32Array([2, 3]));
      gpu.destroy();
      await gpu.lost;
      await expect(tensor([1, 2]).add(1).data()).rejects.toThrow(lost);
      await shared.recover();
      expect(await tensor([1, 2]).add(1).data()).toEqual(new Float32Array([2, 3]));
    } finally {
      await shared.close();
    }
  });

  test("is not opened again where it is still there", async () => {
    const x = tensor([1, 2]);
    await realise(x);
    await device.recover();
    expect(await x.add(1).data()).toEqual(new Float32Array([2, 3]));
  });

  test("forgets storage that is freed afterwards", async () => {
    const old = device.upload(new Float32Array(3), [3], "f32", "old");
    device.destroy();
    device.free(old);
    const other = device.upload.bind(device);
    await device.recover();
    device.free(old);
    const fresh = other(new Float32Array([5]), [1], "f32", "fresh");
    expect(await device.read(fresh)).toEqual(new Float32Array([5]));
    await expect(device.read(old)).rejects.toThrow("got those of old");
    device.free(fresh);
    expect([...device.storages()]).toEqual([]);
  });
});
