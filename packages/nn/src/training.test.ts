import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  defaultDevice,
  gradients,
  interpreter,
  planCache,
  random,
  setDefaultDevice,
  step,
  tanh,
  tensor,
} from "@steelyard/core";
import type { Device, Instruction, Tensor } from "@steelyard/core";
import {
  adam,
  BatchNorm,
  clipByGlobalNorm,
  crossEntropy,
  accuracy,
  Dropout,
  ema,
  evaluate,
  labels,
  Linear,
} from "./index.ts";
import { nameVariables, parameters, restore, rmsProp, Sequential, sgd, snapshot, train } from "./index.ts";

let before: Device;
let done: string[] = [];

beforeEach(() => {
  before = defaultDevice();
  done = [];
  setDefaultDevice(
    interpreter({ observe: ({ primitive, label }: Instruction) => void (primitive && done.push(label)) }),
  );
});
afterEach(() => setDefaultDevice(before));

const keys = random.split(random.key(7), 3);

/** Two inputs, one hidden layer: the smallest network that can learn XOR. */
function network(hidden = 8) {
  return nameVariables(
    new Sequential({
      hidden: new Linear(2, hidden, { key: keys[0]! }),
      tanh: (x: Tensor) => tanh(x),
      out: new Linear(hidden, 2, { key: keys[1]! }),
    }),
  );
}

const xor = {
  x: tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]),
  y: labels([0, 1, 1, 0], 2),
};

describe("lesson: a network learns", () => {
  it("learns XOR, which no linear model can, in 150 steps", async () => {
    const model = network();
    const optimiser = adam(parameters(model), { learningRate: 0.05 });
    for (let i = 0; i < 150; i++) await optimiser.step(crossEntropy(model.forward(xor.x, evaluate), xor.y));
    const logits = model.forward(xor.x, evaluate);
    const [loss, hits] = await Promise.all([crossEntropy(logits, xor.y).item(), accuracy(logits, xor.y).item()]);
    expect(hits).toBe(1);
    expect(loss).toBeLessThan(0.05);
  });

  it("runs the forward once in each step, and finds its plan again from the second step on", async () => {
    const model = nameVariables(
      new Sequential({
        first: new Linear(2, 8, { key: keys[0]! }),
        norm: new BatchNorm(8),
        dropout: new Dropout(0.1),
        tanh: (x: Tensor) => tanh(x),
        out: new Linear(8, 2, { key: keys[1]! }),
      }),
    );
    const optimiser = rmsProp(parameters(model), { learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 });
    const average = ema(optimiser.parameters, 0.99);
    const misses: number[] = [];
    for (let i = 0; i < 6; i++) {
      done = [];
      // Another rate in every step: a runtime number, so the plan stays.
      optimiser.learningRate = 0.01 / (i + 1);
      const loss = crossEntropy(model.forward(xor.x, train(random.foldIn(keys[2]!, i))), xor.y);
      const { gradients: clipped, norm } = clipByGlobalNorm(gradients(loss, optimiser.parameters), 5);
      optimiser.update(clipped);
      average.update();
      await step(loss, norm);
      expect(done.filter((label) => label === "tanh/tanh")).toHaveLength(1);
      expect(Number.isFinite(await norm.item())).toBe(true);
      misses.push(planCache(defaultDevice()).misses);
    }
    expect(misses.slice(1)).toEqual(Array.from({ length: 5 }, () => misses[0]));
  });

  it("repeats a run bit for bit from a snapshot of model and slots", async () => {
    const model = network(3);
    const optimiser = adam(parameters(model), { learningRate: 0.05 });
    const tree = { model, slots: optimiser.slots };
    const run = async (): Promise<number[]> => {
      const losses: number[] = [];
      for (let i = 0; i < 5; i++) {
        const loss = crossEntropy(model.forward(xor.x, evaluate), xor.y);
        await optimiser.step(loss);
        losses.push(await loss.item());
      }
      return losses;
    };
    await run();
    const start = await snapshot(tree);
    const first = await run();
    await restore(tree, start);
    expect(await run()).toEqual(first);
  });

  it("labels the nodes of each layer with its path", () => {
    const model = new Sequential({ trunk: new Sequential({ fc: new Linear(2, 3, { key: keys[0]! }) }) });
    expect(model.forward(xor.x, evaluate).node.path).toBe("trunk.fc");
  });

  it("trains on gradients summed over micro-batches as on the whole batch", async () => {
    const model = network(3);
    const start = await snapshot(model);
    const optimiser = sgd(parameters(model), { learningRate: 0.5 });
    const lossOf = (x: Tensor, y: Tensor): Tensor => crossEntropy(model.forward(x, evaluate), y);
    await optimiser.step(lossOf(xor.x, xor.y));
    const whole = await snapshot(model);
    await restore(model, start);
    const halves = [0, 2].map((at) => {
      const loss = lossOf(xor.x.slice([at, 0], [2, 2]), xor.y.slice([at], [2])).mul(0.5);
      return gradients(loss, optimiser.parameters);
    });
    optimiser.update(halves[0]!.map((g, i) => g.add(halves[1]![i]!)));
    await step();
    const split = await snapshot(model);
    for (const [path, values] of Object.entries(whole)) {
      // The same four terms added in another order: a few ulps of numbers near 1.
      values.forEach((value, i) => expect(split[path]![i]).toBeCloseTo(value, 6));
    }
  });
});
