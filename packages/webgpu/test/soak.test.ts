import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  defaultDevice,
  gradients,
  hostSolve,
  matmul,
  mean,
  setDefaultDevice,
  square,
  step,
  sub,
  sum,
  tensor,
  Variable,
  type Device,
} from "@steelyard/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { webgpu, type WebGpuDevice } from "../src/index.ts";
import { without } from "./adapter.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const steps = process.env["STEELYARD_FUZZ"] === "long" ? 10_000 : 500;

describe.skipIf(without.device)(`${steps} steps with the garbage collector at work${without.because}`, () => {
  let before: Device;
  let device: WebGpuDevice;
  beforeAll(async () => {
    before = defaultDevice();
    setDefaultDevice((device = await webgpu()));
  });
  afterAll(async () => {
    setDefaultDevice(before);
    await device.close();
  });

  test("leave as many buffers as there were, and learn", async () => {
    const w = new Variable([[0, 0], [0, 0]], { name: "w" }); // prettier-ignore
    const goal = tensor([[1, 2], [3, 4]]); // prettier-ignore
    const train = async (i: number): Promise<number> => {
      const x = tensor([[1, i % 3], [i % 2, 1]]); // prettier-ignore
      const loss = mean(square(sub(matmul(w.value, x), matmul(goal, x))));
      const [dw] = gradients(loss, [w.value]);
      // Every now and then the host has a say.
      const rate = i % 10 === 0 ? hostSolve([sum(square(dw!))], [[]], ([n]) => [[n! > 1e6 ? 0 : 0.1]])[0]! : 0.1;
      w.assign(sub(w.value, dw!.mul(rate)));
      await step(loss);
      return loss.item();
    };
    // Both kinds of step have their plans, and their buffers.
    for (let i = 0; i < 20; i++) await train(i);
    const start = device.memory();
    const first = await train(1);
    let last = first;
    for (let i = 0; i < steps; i++) {
      last = await train(i);
      if (i % 10 === 0) collect();
    }
    const end = device.memory();
    expect(end.values.buffersInUse).toBe(start.values.buffersInUse);
    expect(end.values.buffers).toBeLessThanOrEqual(start.values.buffers);
    expect(end.staging.buffers).toBeLessThanOrEqual(start.staging.buffers);
    expect([...device.storages()]).toHaveLength(1);
    expect(last).toBeLessThan(1e-3 * first);
    w.dispose();
    expect(device.memory().values.inUse).toBe(0);
  }, 600_000);
});
