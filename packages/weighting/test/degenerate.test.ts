import { add, div, matmul, mean, mul, square, sub, sum, tensor, Variable, type Tensor } from "@steelyard/core";
import { rmsProp, sgd, snapshot } from "@steelyard/nn";
import { describe, expect, it } from "vitest";
import { dynamicDifficulty, equal, fixed, multiTaskStep, weighter } from "../src/index.ts";
import type { OnDegenerate, StepRecord, Strategy, Weighter, Weighing, WeighStep } from "../src/index.ts";

const tasks = ["identity", "expression"];

/** A linear network with a running statistic that its forward assigns, and an optimiser with slots. */
class Net {
  readonly w = new Variable([[1, 2], [3, 4]], { name: "w" }); // prettier-ignore
  readonly running = new Variable(0, { name: "running", trainable: false });
  readonly optimiser = rmsProp([this.w], { learningRate: 0.1 });

  /** One step; the losses are multiplied by `factors`. */
  async step(balance: Weighter, factors = [1, 1]): Promise<StepRecord> {
    const features = matmul(tensor([[1, 0.5]]), this.w);
    this.running.assign(this.running.value.add(mean(features)));
    const losses = mul(mean(square(sub(features, tensor([[0.5, 1]]))), 0), tensor(factors));
    return multiTaskStep({ weighter: balance, optimiser: this.optimiser, losses, features });
  }
}

/** A strategy with a parameter of its own, in whose second step `fail` takes the place of the weights. */
function failing(fail: (step: WeighStep, own: Variable) => Weighing, more: Partial<Strategy<Variable>> = {}): Strategy {
  const strategy: Strategy<Variable> = {
    name: "fragile",
    init: () => new Variable([1, 3], { name: "own" }),
    weigh: (step, own) => (step.iteration === 1 ? fail(step, own) : { weights: own.value }),
    objective: ({ weights, losses }) => sum(mul(weights, losses)),
    optimiser: (own) => sgd(own, { learningRate: 0.01 }),
    ...more,
  };
  return strategy;
}

const throws = (): never => {
  throw new RangeError("no such task");
};
const failures = {
  "a weight that is not finite": ({ losses }: WeighStep) => ({ weights: div(losses, tensor([1, 0])) }),
  "weights that are no numbers": () => ({ weights: [NaN, NaN] }),
  "the wrong number of weights": () => ({ weights: [1, 2, 3] }),
  "an error": throws,
};

const stateOf = async (net: Net, balance: Weighter): Promise<unknown> => ({
  net: await snapshot({ w: net.w, running: net.running, optimiser: net.optimiser }),
  run: await balance.state(),
});

/** The error of a second step that goes wrong. */
const reasonOf = async (fail: () => Weighing): Promise<Error> => {
  const [net, balance] = [new Net(), weighter(failing(fail), { tasks })];
  await net.step(balance);
  return net.step(balance).then(
    () => new Error("no error"),
    (reason: Error) => reason,
  );
};

const refuse = (strategy: object): string => {
  try {
    weighter(strategy as Strategy, { tasks });
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
};

const difficult = (): [Net, Weighter] => [
  new Net(),
  weighter(dynamicDifficulty(), { tasks, featureShape: [2] }) as Weighter,
];
const firstStep = async (strategy: Strategy, factors: number[]): Promise<StepRecord> =>
  new Net().step(weighter(strategy, { tasks, featureShape: [2] }), factors);
const nanOfFeatures = ({ features }: WeighStep): Weighing => ({ weights: mul(mean(features, 0), NaN) });

describe('onDegenerate: "throw"', () => {
  it.each(Object.entries(failures))(
    "stops at %s, names the strategy, and leaves every Variable as it was",
    async (_, fail) => {
      const [net, balance] = [new Net(), weighter(failing(fail), { tasks, featureShape: [2] })];
      await net.step(balance);
      const before = await stateOf(net, balance);
      await expect(net.step(balance)).rejects.toThrow(/^fragile: needs /);
      expect(await stateOf(net, balance)).toEqual(before);
    },
  );

  it("says which task's weight, and keeps the strategy's own error as the cause", async () => {
    expect((await reasonOf(() => ({ weights: [1, NaN] }))).message).toMatchInlineSnapshot(`
      "fragile: needs finite weights, got a weight of NaN for task expression
        hint: mend the strategy, or give the weighter onDegenerate: "previous" or "equal""
    `);
    expect((await reasonOf(() => ({ weights: [1] }))).message).toMatchInlineSnapshot(`
      "fragile: needs one weight for each task, got weights of shape [1] for 2 tasks
        hint: mend the strategy, or give the weighter onDegenerate: "previous" or "equal""
    `);
    const thrown = await reasonOf(throws);
    expect(thrown.message).toMatchInlineSnapshot(`
      "fragile: needs weights, got the error “no such task”
        hint: mend the strategy, or give the weighter onDegenerate: "previous" or "equal""
    `);
    expect(thrown.cause).toBeInstanceOf(RangeError);
  });

  it("stops at a loss that is not finite and names the task; the run goes on as if the step had not been", async () => {
    const [[net, balance], [other, same]] = [difficult(), difficult()];
    await net.step(balance);
    await other.step(same);
    const before = await stateOf(net, balance);
    await expect(net.step(balance, [1, NaN])).rejects.toThrowErrorMatchingInlineSnapshot(`
      [NonFinite: dynamicDifficulty: needs finite task losses, got a loss of NaN for task expression
        hint: look at the task's data and learning rate; \`detectAnomaly\` finds the first operation that is not finite]
    `);
    expect(await stateOf(net, balance)).toEqual(before);
    expect(await net.step(balance)).toEqual(await other.step(same));
    expect(await stateOf(net, balance)).toEqual(await stateOf(other, same));
  });

  it("stops at a total that overflows, and at an objective or its gradient that is not finite", async () => {
    await expect(firstStep(fixed({ weights: [10, 10] }), [2e37, 2e37])).rejects.toThrow(
      "fixed: needs a finite total loss",
    );
    const infinite = failing(throws, { objective: ({ weights }) => sum(div(weights, 0)) });
    await expect(firstStep(infinite, [1, 1])).rejects.toThrow("fragile: needs a finite objective with a finite gradient, got an objective of Infinity"); // prettier-ignore
    const steep = failing(throws, { objective: ({ weights }) => sum(sub(weights, tensor([1, 3])).sqrt()) });
    await expect(firstStep(steep, [1, 1])).rejects.toThrow("got an objective whose gradient is not finite");
  });
});

describe.each<[OnDegenerate]>([["previous"], ["equal"]])("onDegenerate: %j", (onDegenerate) => {
  it.each(Object.entries(failures))("puts other weights in the place of %s, and says so", async (_, fail) => {
    const net = new Net();
    const balance = weighter(failing(fail), { tasks, featureShape: [2], onDegenerate });
    const first = await net.step(balance);
    const own = await snapshot({ state: balance.strategyState as object });
    const second = await net.step(balance);
    expect(first.events).toEqual([]);
    expect(second.events.length).toBeGreaterThan(0);
    for (const { answer, message } of second.events) expect([answer, message]).toEqual([onDegenerate, expect.any(String)]); // prettier-ignore
    expect(second).toMatchObject({ committed: true, weights: onDegenerate === "equal" ? [0.5, 0.5] : first.weights });
    // The network went on; the strategy, which had nothing to go by, stood still.
    expect(net.w.version).toBe(2);
    expect(await snapshot({ state: balance.strategyState as object })).toEqual(own);
    const third = await net.step(balance);
    expect(third).toMatchObject({ events: [], iteration: 2 });
    expect(third.weights).toEqual([...own["state"]!]);
  });

  it("goes on doing so for as long as it lasts", async () => {
    const strategy: Strategy = {
      name: "short-lived",
      init: () => null,
      weigh: ({ iteration }) => ({ weights: iteration === 0 ? [1, 3] : [NaN, 1] }),
    };
    const [net, balance] = [new Net(), weighter(strategy, { tasks, onDegenerate })];
    const weights: unknown[] = [];
    for (let i = 0; i < 4; i++) weights.push((await net.step(balance)).weights);
    const instead = onDegenerate === "equal" ? [0.5, 0.5] : [1, 3];
    expect(weights).toEqual([[1, 3], instead, instead, instead]);
  });

  it("skips a step with a loss that is not finite: nothing is committed, no hook is called", async () => {
    const net = new Net();
    const told: number[] = [];
    const strategy: Strategy<null> = {
      ...equal(),
      afterStep: ({ iteration }) => (told.push(iteration), null),
    };
    const balance = weighter(strategy, { tasks, onDegenerate });
    const { losses } = await net.step(balance);
    const before = await snapshot({ net });
    const record = await net.step(balance, [1, Infinity]);
    expect(record).toMatchObject({ committed: false, iteration: 1 });
    expect(record.events).toEqual([{ reason: "loss", task: "expression", message: "a loss of Infinity for task expression", answer: "skipped" }]); // prettier-ignore
    expect(await snapshot({ net })).toEqual(before);
    expect(told).toEqual([0]);
    expect((await balance.endEpoch()).meanLosses).toEqual(losses);
  });

  it("keeps the strategy's parameters when its objective fails, and the network goes on with its weights", async () => {
    const broken: Strategy["objective"][] = [
      ({ weights }): Tensor => sum(div(weights, 0)),
      ({ weights }): Tensor => add(sum(weights), NaN),
      ({ weights }): Tensor => weights,
      throws,
    ];
    for (const objective of broken) {
      const net = new Net();
      const balance = weighter(failing(throws, { objective: objective! }), { tasks, onDegenerate });
      const record = await net.step(balance);
      expect(record).toMatchObject({ committed: true, weights: [1, 3], events: [{ reason: "objective", answer: "kept" }] }); // prettier-ignore
      expect([...(await (balance.strategyState as Variable).value.data())]).toEqual([1, 3]);
      expect(net.w.version).toBe(1);
    }
  });

  it("leads no gradient of replaced weights to the trunk with detachWeights: false", async () => {
    const net = new Net();
    const balance = weighter(failing(nanOfFeatures, { detachWeights: false }), { tasks, onDegenerate });
    await net.step(balance);
    const { committed } = await net.step(balance);
    expect(committed).toBe(true);
    expect([...(await net.w.value.data())].every(Number.isFinite)).toBe(true);
  });

  it("hides no mistake of the caller", () => {
    const balance = weighter(dynamicDifficulty(), { tasks, featureShape: [2], onDegenerate });
    expect(() => balance.weigh({ losses: [1, 2] })).toThrow("dynamicDifficulty: needs the shared features, got none");
  });
});

describe("what is no strategy, and calls that do not fit", () => {
  it("are refused when the weighter is made", () => {
    const plain = equal();
    expect(refuse({ ...plain, name: "" })).toContain("weighter: needs a strategy with a name");
    expect(refuse({ name: "half", weigh: throws })).toContain("strategy half: needs a function init, got undefined");
    expect(refuse({ name: "half", init: throws })).toContain("strategy half: needs a function weigh");
    expect(refuse({ ...plain, objective: throws })).toContain("strategy equal: needs an optimiser for its objective");
    expect(refuse({ ...plain, objective: throws, optimiser: sgd })).toContain("equal: needs trainable Variables in its state"); // prettier-ignore
    expect(refuse(dynamicDifficulty())).toContain("dynamicDifficulty: needs the shape of the shared features");
  });

  it("are refused without tasks, and with two tasks of one name", () => {
    expect(() => weighter(equal(), { tasks: [] })).toThrow("equal: needs one task or more, got none");
    const twins = ["identity", { name: "expression" }, { name: "identity", classes: 7 }];
    expect(() => weighter(equal(), { tasks: twins })).toThrowErrorMatchingInlineSnapshot(
      `[UsageError: equal: needs a name of its own for each task, got identity twice]`,
    );
  });

  it("are refused before anything is built", () => {
    const balance = weighter(dynamicDifficulty(), { tasks, featureShape: [2] });
    const features = tensor([[1, 2]]);
    expect(() => balance.weigh({ losses: [1], features })).toThrow("dynamicDifficulty: needs 2 losses, got 1");
    expect(() => balance.weigh({ losses: [1, tensor([1, 2])], features })).toThrow("needs a scalar loss for each task, got [2] for expression"); // prettier-ignore
    expect(() => balance.weigh({ losses: tensor([1, 2, 3]), features })).toThrow("needs losses [2], got [3]");
    expect(() => balance.weigh({ losses: tensor([1, 2], { dtype: "f64" }), features })).toThrow("needs f32 losses, got f64"); // prettier-ignore
    expect(() => balance.weigh({ losses: [1, 2], features: tensor([[1]]) })).toThrow("needs features [N, 2], got [1, 1]"); // prettier-ignore
  });

  it("a hook that forgets to return the state is told so", async () => {
    const strategy = { ...equal(), endEpoch: () => undefined as unknown as null };
    await expect(weighter(strategy, { tasks }).endEpoch()).rejects.toThrow("equal.endEpoch: needs to return the next state"); // prettier-ignore
  });
});
