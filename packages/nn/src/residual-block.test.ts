import { describe, expect, it } from "vitest";
import { random, step, tensor, trace, type Tensor } from "@steelyard/core";
import { evaluate, parameters, ResidualBlock, train, variables } from "./index.ts";

const key = random.key(3);
const training = train(random.key(4));

/** A block whose weights are all 0 but those that a test sets. */
async function block(
  inputs: number,
  outputs: number,
  stride: number,
  set: Record<string, Tensor>,
): Promise<ResidualBlock> {
  const made = new ResidualBlock(inputs, outputs, { key, stride });
  for (const [path, variable] of variables(made)) {
    if (path in set) variable.assign(set[path]!);
    else if (path.endsWith("weight")) variable.assign(variable.value.mul(0));
    // So that √(variance + ε) is exactly 1 in evaluation.
    else if (path.endsWith("variance")) variable.assign(variable.value.mul(0).add(1 - 0.001));
  }
  await step();
  return made;
}

/** 3×3 filters of one channel that only look at the middle. */
const middle = (factor: number): Tensor => tensor([0, 0, 0, 0, factor, 0, 0, 0, 0], { shape: [3, 3, 1, 1] });

/** The first weights of its two equally large convolutions. */
async function filters(seed: number): Promise<string[]> {
  const { conv1, conv2 } = new ResidualBlock(4, 4, { key: random.key(seed), stride: 2 });
  return Promise.all([conv1, conv2].map(async ({ weight }) => (await weight.value.data()).join()));
}

describe("ResidualBlock", () => {
  const x = tensor([1, -2, 3, -4], { shape: [1, 2, 2, 1] });

  it("passes its input on when the residual is 0, and cuts what is below 0", async () => {
    expect(await (await block(1, 1, 1, {})).forward(x, evaluate).data()).toEqual(Float32Array.of(1, 0, 3, 0));
  });

  it("adds the residual, which has a ReLU between its convolutions and none behind them", async () => {
    // relu(x + (−2)·relu(3·x)) by hand: 1 − 6 and 3 − 18 are cut; with relu(−3·x) it is −2 − 12 and −4 − 24.
    const weights = { "conv1.weight": middle(3), "conv2.weight": middle(-2) };
    expect(await (await block(1, 1, 1, weights)).forward(x, evaluate).data()).toEqual(Float32Array.of(0, 0, 0, 0));
    const rising = { "conv1.weight": middle(-3), "conv2.weight": middle(2) };
    // −2 + 2·6 and −4 + 2·12; where x is above 0 the ReLU between leaves nothing to add.
    const y = (await block(1, 1, 1, rising)).forward(x, evaluate);
    // The variance 1 − 0.001 is rounded to f32 before ε is added, and there are two norms on the way.
    for (const [i, value] of [...(await y.data())].entries()) {
      expect(Math.abs(value - [1, 10, 3, 20][i]!)).toBeLessThanOrEqual(20 * 8 * 2 ** -24);
    }
  });

  it("scales the residual by what the second norm learns", async () => {
    const weights = { "conv1.weight": middle(-1), "conv2.weight": middle(1), "norm2.scale": tensor([0]) };
    expect(await (await block(1, 1, 1, weights)).forward(x, evaluate).data()).toEqual(Float32Array.of(1, 0, 3, 0));
  });

  it("projects what changes its shape: every second pixel, other channels", async () => {
    const wider = await block(1, 2, 2, { "projection.weight": tensor([1, -1], { shape: [1, 1, 1, 2] }) });
    const y = wider.forward(tensor([5, 6, 7, 8, 9, 10, 11, 12, 13], { shape: [1, 3, 3, 1] }), evaluate);
    expect(y.shape).toEqual([1, 2, 2, 2]);
    const corners = [5, 0, 7, 0, 11, 0, 13, 0];
    for (const [i, value] of [...(await y.data())].entries()) {
      expect(Math.abs(value - corners[i]!)).toBeLessThanOrEqual(13 * 4 * 2 ** -24);
    }
  });

  it.each([
    { inputs: 2, outputs: 2, stride: 1, projects: false },
    { inputs: 2, outputs: 3, stride: 1, projects: true },
    { inputs: 2, outputs: 2, stride: 2, projects: true },
  ])(
    "has a projection only where it must: $inputs → $outputs, stride $stride",
    ({ inputs, outputs, stride, projects }) => {
      const made = new ResidualBlock(inputs, outputs, { key, stride });
      const shapes = parameters(made).map(({ name, shape }) => `${name} ${shape.join("×")}`);
      const own = ["weight 1×1×2×" + String(outputs), `shift ${outputs}`];
      expect(shapes).toEqual([
        `weight 3×3×2×${outputs}`,
        `shift ${outputs}`,
        `weight 3×3×${outputs}×${outputs}`,
        `shift ${outputs}`,
        `scale ${outputs}`,
        ...(projects ? own : []),
      ]);
    },
  );

  it("starts with filters of its own in each place, and lets the key decide them", async () => {
    const [first, again, other] = [await filters(1), await filters(1), await filters(2)];
    expect(again).toEqual(first);
    expect(new Set([...first, ...other]).size).toBe(4);
  });

  it("moves the statistics of all its norms in training, by the decay it is given", async () => {
    const made = new ResidualBlock(2, 3, { key, stride: 2, decay: 0.5 });
    await step(made.forward(random.normal(random.key(7), [2, 4, 4, 2]), training));
    for (const norm of [made.norm1, made.norm2, made.projectionNorm!]) {
      expect(norm.decay).toBe(0.5);
      expect([...(await norm.variance.value.data())].every((value) => value !== 1)).toBe(true);
    }
  });

  it("names its nodes by its fields", () => {
    const made = new ResidualBlock(1, 2, { key });
    const paths = trace(made.forward(x, evaluate)).nodes.map(({ path }) => path);
    for (const field of ["conv1", "norm1", "conv2", "norm2", "projection", "projectionNorm"])
      expect(paths).toContain(field);
  });
});
