import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  defaultDevice,
  gradients,
  interpreter,
  random,
  setDefaultDevice,
  step,
  tensor,
  type Device,
} from "@steelyard/core";
import { BatchNorm, evaluate, train, variables } from "./index.ts";

let before: Device;
beforeEach(() => {
  before = defaultDevice();
  setDefaultDevice(interpreter({ precision: "f64" }));
});
afterEach(() => setDefaultDevice(before));

const mode = train(random.key(1));
// Two samples of 1 × 2 positions with two channels; channel 0 holds 1, 3, 5, 7 and channel 1 holds 2, 2, 2, 6.
const x = tensor([
  [
    [
      [1, 2],
      [3, 2],
    ],
  ],
  [
    [
      [5, 2],
      [7, 6],
    ],
  ],
]);
const channels = [
  [1, 3, 5, 7],
  [2, 2, 2, 6],
];
const weights = tensor([
  [
    [
      [1, -1],
      [2, 0.5],
    ],
  ],
  [
    [
      [-3, 4],
      [0, 2],
    ],
  ],
]);
const dChannels = [
  [1, 2, -3, 0],
  [-1, 0.5, 4, 2],
];

const mean = (xs: readonly number[]): number => xs.reduce((sum, v) => sum + v, 0) / xs.length;
const variance = (xs: readonly number[]): number => mean(xs.map((v) => (v - mean(xs)) ** 2));

/** Channel by channel back into [2, 1, 2, 2] order. */
const interleave = ([a, b]: readonly number[][]): number[] => a!.flatMap((v, i) => [v, b![i]!]);

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  // f64 inside, f32 when read: 6e-8 of numbers up to 8.
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-6));
}

describe("BatchNorm in training", () => {
  it("gives every channel mean 0 and variance σ²/(σ² + ε)", async () => {
    const y = new BatchNorm(2, { epsilon: 0.25 }).forward(x, mode);
    await step(y);
    const expected = channels.map((xs) => xs.map((v) => (v - mean(xs)) / Math.sqrt(variance(xs) + 0.25)));
    expectClose(await y.data(), interleave(expected));
  });

  it("sends back dx = γ/√(σ² + ε) · (dy − mean dy − x̂ · mean(dy·x̂)), and sums for γ and β", async () => {
    const norm = new BatchNorm(2, { scale: true, epsilon: 0.25 });
    norm.scale!.assign(tensor([2, 3]));
    await step();
    const loss = norm.forward(x, mode).mul(weights).sum();
    const [dX, dScale, dShift] = gradients(loss, [x, norm.scale!, norm.shift!]);
    await step(dX!, dScale!, dShift!);
    const [dx, dGamma, dBeta] = await Promise.all([dX!.data(), dScale!.data(), dShift!.data()]);
    const hats = channels.map((xs) => xs.map((v) => (v - mean(xs)) / Math.sqrt(variance(xs) + 0.25)));
    const expected = channels.map((xs, c) => {
      const [dy, hat] = [dChannels[c]!, hats[c]!];
      const along = mean(dy.map((d, i) => d * hat[i]!));
      return dy.map((d, i) => ([2, 3][c]! / Math.sqrt(variance(xs) + 0.25)) * (d - mean(dy) - hat[i]! * along));
    });
    expectClose(dx, interleave(expected));
    expectClose(
      dGamma,
      hats.map((hat, c) => hat.reduce((sum, h, i) => sum + h * dChannels[c]![i]!, 0)),
    );
    expectClose(
      dBeta,
      dChannels.map((dy) => dy.reduce((sum, d) => sum + d, 0)),
    );
  });

  it("moves the running statistics towards the batch's, once for each micro-batch of a step", async () => {
    const norm = new BatchNorm(2, { decay: 0.5 });
    await step(norm.forward(x, mode));
    expect(await norm.mean.value.array()).toEqual([2, 1.5]);
    // From 1: ½ + ½·5 and ½ + ½·3.
    expect(await norm.variance.value.array()).toEqual([3, 2]);
    norm.forward(x, mode);
    norm.forward(x, mode);
    await step();
    expect(await norm.mean.value.array()).toEqual([3.5, 2.625]);
  });
});

describe("BatchNorm in evaluation", () => {
  it("uses the running statistics and records nothing", async () => {
    const norm = new BatchNorm(2, { epsilon: 0.25 });
    norm.mean.assign(tensor([1, 2]));
    norm.variance.assign(tensor([3.75, 0]));
    norm.shift!.assign(tensor([10, 20]));
    await step();
    const y = await norm.forward(x, evaluate).data();
    expectClose(
      y,
      interleave([channels[0]!.map((v) => (v - 1) / 2 + 10), channels[1]!.map((v) => (v - 2) / 0.5 + 20)]),
    );
    await step();
    expect([norm.mean.version, norm.variance.version]).toEqual([1, 1]);
  });

  it("agrees with training once the running statistics are the batch's", async () => {
    const norm = new BatchNorm(2, { decay: 0 });
    const trained = norm.forward(x, mode);
    await step(trained);
    expectClose(await norm.forward(x, evaluate).data(), [...(await trained.data())]);
  });
});

describe("BatchNorm", () => {
  it("has a shift and no scale unless told otherwise, and works on [N, C] too", async () => {
    expect([...variables(new BatchNorm(3)).keys()]).toEqual(["shift", "mean", "variance"]);
    expect([...variables(new BatchNorm(3, { shift: false, scale: true })).keys()]).toEqual([
      "scale",
      "mean",
      "variance",
    ]);
    const y = new BatchNorm(1, { epsilon: 0 }).forward(tensor([[1], [3]]), mode);
    await step(y);
    expect(await y.array()).toEqual([[-1], [1]]);
  });

  it("names the shape it needs", () => {
    expect(() => new BatchNorm(3).forward(x, evaluate)).toThrow("BatchNorm: needs x [..., 3], got [2, 1, 2, 2]");
  });
});
