import { gradients, random, step, sum, tensor, type Tensor } from "@steelyard/core";
import { evaluate, parameters, train, variables, type Mode } from "@steelyard/nn";
import { describe, expect, it } from "vitest";
import { FaceNet, type FaceNetOptions } from "./network.ts";

const small: FaceNetOptions = {
  inputShape: [9, 16, 3],
  tasks: [
    { name: "identity", classes: 5 },
    { name: "expression", classes: 7 },
  ],
  key: random.key(1),
  width: 4,
  hidden: 6,
};
const pixels = await random.normal(random.key(2), [3, 9, 16, 3]).data();
const images = tensor(pixels, { shape: [3, 9, 16, 3] });
const training = train(random.key(3));

const numbers = async (x: Tensor): Promise<number[]> => [...((await x.data()) as Float32Array)];
const weightsOf = async (net: FaceNet): Promise<number[][]> =>
  Promise.all(parameters(net).map(({ value }) => numbers(value)));

describe("FaceNet", () => {
  it("refuses two tasks of one name, which would share a head unseen", () => {
    const [task] = small.tasks;
    expect(() => new FaceNet({ ...small, tasks: [task!, task!] })).toThrow(
      "FaceNet: needs tasks of different names, got identity, identity",
    );
  });

  it.each([
    // Each of the three stages and the pooling halve a side, rounding up: 9 → 5 → 3 → 2 → 1 and 16 → 8 → 4 → 2 → 1.
    { side: [9, 16], features: 1 * 1 * 16 },
    { side: [30, 36], features: 2 * 3 * 16 },
    { side: [17, 1], features: 2 * 1 * 16 },
  ] as const)("gives $features features and the logits of each task for images of $side", ({ side, features }) => {
    const net = new FaceNet({ ...small, inputShape: [...side, 1] });
    const out = net.forward(random.normal(random.key(0), [3, ...side, 1]), training);
    expect(net.featureCount).toBe(features);
    expect(out.features.shape).toEqual([3, features]);
    expect(out.logits.map(({ shape }) => shape)).toEqual([
      [3, 5],
      [3, 7],
    ]);
  });

  it("gives the logits in the order of the tasks, whatever they are called", () => {
    const tasks = ["expression", "10", "identity", "2"].map((name, i) => ({ name, classes: i + 2 }));
    const { logits } = new FaceNet({ ...small, tasks }).forward(images, evaluate);
    expect(logits.map(({ shape }) => shape[1])).toEqual([2, 3, 4, 5]);
  });

  it("names its parameters by their place, with the sizes a hand counts", () => {
    const shapes = parameters(new FaceNet(small)).map(({ name, shape }) => `${name} ${shape.join("×")}`);
    expect(shapes).toEqual([
      "trunk.stem.weight 3×3×3×4",
      "trunk.stemNorm.shift 4",
      "trunk.stage1.conv1.weight 3×3×4×4",
      "trunk.stage1.norm1.shift 4",
      "trunk.stage1.conv2.weight 3×3×4×4",
      "trunk.stage1.norm2.shift 4",
      "trunk.stage1.norm2.scale 4",
      "trunk.stage1.projection.weight 1×1×4×4",
      "trunk.stage1.projectionNorm.shift 4",
      "trunk.stage2.conv1.weight 3×3×4×8",
      "trunk.stage2.norm1.shift 8",
      "trunk.stage2.conv2.weight 3×3×8×8",
      "trunk.stage2.norm2.shift 8",
      "trunk.stage2.norm2.scale 8",
      "trunk.stage2.projection.weight 1×1×4×8",
      "trunk.stage2.projectionNorm.shift 8",
      "trunk.stage3.conv1.weight 3×3×8×16",
      "trunk.stage3.norm1.shift 16",
      "trunk.stage3.conv2.weight 3×3×16×16",
      "trunk.stage3.norm2.shift 16",
      "trunk.stage3.norm2.scale 16",
      "trunk.stage3.projection.weight 1×1×8×16",
      "trunk.stage3.projectionNorm.shift 16",
      "heads.identity.hidden.weight 16×6",
      "heads.identity.norm.shift 6",
      "heads.identity.logits.weight 6×5",
      "heads.identity.logits.bias 5",
      "heads.expression.hidden.weight 16×6",
      "heads.expression.norm.shift 6",
      "heads.expression.logits.weight 6×7",
      "heads.expression.logits.bias 7",
    ]);
  });

  it("starts from the weights that the key decides", async () => {
    const first = await weightsOf(new FaceNet(small));
    expect(await weightsOf(new FaceNet(small))).toEqual(first);
    const other = await weightsOf(new FaceNet({ ...small, key: random.key(7) }));
    // Shifts and biases start at 0 and scales at 1 under every key; all else is drawn.
    for (const [i, weights] of first.entries()) {
      if (weights.some((weight) => weight !== weights[0])) expect(other[i]).not.toEqual(weights);
    }
  });

  it("draws the weights of each head for itself", async () => {
    const tasks = [
      { name: "first", classes: 7 },
      { name: "second", classes: 7 },
    ];
    const { heads } = new FaceNet({ ...small, tasks });
    const [first, second] = await Promise.all(
      Object.values(heads).map(async (head) => Promise.all(parameters(head).map(({ value }) => numbers(value)))),
    );
    expect(first![0]).not.toEqual(second![0]);
    expect(first![2]).not.toEqual(second![2]);
  });

  it("lets every parameter learn, the trunk from each task alone", async () => {
    const net = new FaceNet(small);
    const { logits } = net.forward(images, training);
    const slopes = Object.values(net.heads).flatMap((head, task) =>
      gradients(sum(logits[task]!.square()), parameters({ trunk: net.trunk, head })),
    );
    const moved = (await Promise.all(slopes.map(numbers))).map((slope) => slope.some((value) => value !== 0));
    expect(moved).toEqual(Array.from({ length: 2 * (23 + 4) }, () => true));
  });

  it("leaves the other heads alone in the gradient of a task", async () => {
    const net = new FaceNet(small);
    const { logits } = net.forward(images, training);
    const slopes = gradients(sum(logits[0]!.square()), parameters(net.heads["expression"]!));
    expect((await Promise.all(slopes.map(numbers))).flat().every((value) => value === 0)).toBe(true);
  });
});

const logitsOf = async (net: FaceNet, mode: Mode): Promise<number[]> => numbers(net.forward(images, mode).logits[0]!);

describe("FaceNet in training and evaluation", () => {
  const dropping = new FaceNet({ ...small, dropout: 0.5 });

  it("drops shared features in training only, other ones for another key and in another head", async () => {
    const whole = new FaceNet(small);
    expect(await logitsOf(dropping, evaluate)).toEqual(await logitsOf(whole, evaluate));
    expect(await logitsOf(dropping, training)).not.toEqual(await logitsOf(whole, training));
    expect(await logitsOf(dropping, training)).toEqual(await logitsOf(dropping, training));
    expect(await logitsOf(dropping, training)).not.toEqual(await logitsOf(dropping, train(random.key(4))));
  });

  it("shows the weighter the features before dropout", async () => {
    const [first, second] = [training, train(random.key(4))].map((mode) => dropping.forward(images, mode).features);
    expect(await numbers(second!)).toEqual(await numbers(first!));
  });

  it("is deterministic in evaluation, where an image does not depend on its batch", async () => {
    const [both, again] = [await logitsOf(dropping, evaluate), await logitsOf(dropping, evaluate)];
    expect(again).toEqual(both);
    const alone = dropping.forward(tensor(pixels.slice(0, 9 * 16 * 3), { shape: [1, 9, 16, 3] }), evaluate).logits[0]!;
    expect(await numbers(alone)).toEqual(both.slice(0, 5));
  });

  it("moves its running statistics by a tenth of the way in a training step, and not in evaluation", async () => {
    const net = new FaceNet(small);
    const running = variables(net).get("trunk.stemNorm.variance")!;
    const after = async (mode: Mode): Promise<number[]> => {
      await step(net.forward(images, mode).features);
      return numbers(running.value);
    };
    const [once, twice] = [await after(training), await after(training)];
    expect(await after(evaluate)).toEqual(twice);
    // r ← 0.9·r + 0.1·v from r = 1: the second move is nine tenths of the first, whatever v is.
    for (const [i, r] of once.entries()) {
      expect(Math.abs(r - 1)).toBeGreaterThan(0.001);
      expect((twice[i]! - r) / (r - 1)).toBeCloseTo(0.9, 4);
    }
  });
});
