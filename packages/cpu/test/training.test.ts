import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  defaultDevice,
  gradients,
  matmul,
  memory,
  planCache,
  setDefaultDevice,
  step,
  tanh,
  tensor,
  Variable,
  zeros,
  type Device,
  type Tensor,
} from "@steelyard/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpu } from "../src/index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** One step of a network of two layers, with momentum. */
function learn(
  parameters: readonly Variable[],
  slots: readonly Variable[],
  x: Tensor,
  y: Tensor,
  rate: number,
): Tensor {
  const [w, v] = parameters as [Variable, Variable];
  const loss = matmul(tanh(matmul(x, w.value)), v.value)
    .sub(y)
    .square()
    .mean();
  gradients(loss, parameters).forEach((dP, i) => {
    slots[i]!.assign(slots[i]!.value.mul(0.9).add(dP));
    parameters[i]!.assign(parameters[i]!.value.sub(slots[i]!.next.mul(rate)));
  });
  return loss;
}

describe.each([
  { threads: 1, steps: 2000 },
  { threads: 2, steps: 10_000 },
])("training on $threads threads", ({ threads, steps: many }) => {
  const device = cpu({ threads });
  let before: Device;
  beforeAll(() => {
    before = defaultDevice();
    setDefaultDevice(device);
  });
  afterAll(async () => {
    setDefaultDevice(before);
    await device.close();
  });

  test(`${many} steps find one plan, fall, and leave device memory and heap flat`, async () => {
    const [w, v] = [tensor([[0.5, -0.2, 0.1], [0.3, 0.4, -0.6]]), tensor([[0.1], [0.2], [-0.3]])]; // prettier-ignore
    const parameters = [w, v].map((x, i) => new Variable(x, { name: `p${i}` }));
    const slots = parameters.map((p, i) => new Variable(zeros(p.shape), { name: `s${i}` }));
    const [x, y] = [tensor([[1, 2], [0, 1], [2, -1], [1, 1]]), tensor([[1], [0], [0.5], [0.25]])]; // prettier-ignore
    const losses: number[] = [];
    const train = async (steps: number): Promise<number> => {
      for (let i = 0; i < steps; i++) {
        const loss = learn(parameters, slots, x, y, 0.01 / (1 + losses.length));
        await step(loss);
        if (i === 0 || i === steps - 1) losses.push(await loss.item());
      }
      await new Promise((resolve) => setTimeout(resolve));
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    // The first steps compile; then code is optimised, and the engine's own books settle.
    const heap = await train(500);
    const [plans, kernels, use] = [planCache(device).misses, device.kernels(), device.memory()];
    const heapAfter = await train(many);
    expect(planCache(device).misses).toBe(plans);
    expect(device.kernels()).toBe(kernels);
    expect(device.memory()).toEqual(use);
    expect(
      memory
        .report()
        .entries.map(({ owner }) => owner)
        .toSorted(),
    ).toEqual(["p0", "p1", "s0", "s1"]);
    // A leak of one number a step would be 80 kB at least; a graph a step, tens of megabytes.
    expect(heapAfter - heap).toBeLessThan(2_000_000);
    expect(losses.every(Number.isFinite) && losses.at(-1)! < losses[0]!).toBe(true);
    [...parameters, ...slots].forEach((each) => each.dispose());
    expect(memory.report().entries).toEqual([]);
  });
});
