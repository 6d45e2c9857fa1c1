import {
  defaultDevice,
  gradients,
  interpreter,
  matmul,
  mean,
  mul,
  planCache,
  random,
  realise,
  setDefaultDevice,
} from "@steelyard/core";
import {
  square,
  step,
  stopGradient,
  sub,
  sum,
  tanh,
  tensor,
  Variable,
  type Device,
  type Instruction,
  type Tensor,
} from "@steelyard/core";
import { rmsProp, sgd, snapshot, restore, type Optimiser } from "@steelyard/nn";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dynamicDifficulty, equal, fixed, multiTaskStep, naiveDynamic, weighter } from "../src/index.ts";
import type { Strategy, StepRecord, Weighter, WeighStep } from "../src/index.ts";
import { numbers, totalOf } from "./support.ts";

/** A trunk of one layer and two linear heads, with their losses. */
class Toy {
  readonly trunk = new Variable(random.normal(random.key(2), [4, 3]), { name: "trunk" });
  readonly heads = new Variable(random.normal(random.key(3), [3, 2]), { name: "heads" });
  readonly x = tensor([[1, 0, -1, 2], [0.5, 1, 1, 0], [-2, 1, 0, 1]]); // prettier-ignore
  readonly y = tensor([[1, -2], [0, 1], [2, 2]]); // prettier-ignore

  forward(): { losses: Tensor; features: Tensor } {
    const features = tanh(matmul(this.x, this.trunk));
    return { losses: mean(square(sub(matmul(features, this.heads), this.y)), 0), features };
  }

  get parameters(): Variable[] {
    return [this.trunk, this.heads];
  }
}

const options = { tasks: ["identity", "expression"], featureShape: [3], key: random.key(7) };

async function train(toy: Toy, balance: Weighter, optimiser: Optimiser, steps: number): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  for (let i = 0; i < steps; i++) {
    records.push(await multiTaskStep({ weighter: balance, optimiser, ...toy.forward() }));
  }
  return records;
}

let done: string[] = [];
let before: Device;
beforeEach(() => {
  before = defaultDevice();
  done = [];
  const observe = ({ primitive }: Instruction): void => void done.push(primitive?.name ?? "input");
  setDefaultDevice(interpreter({ observe }));
});
afterEach(() => setDefaultDevice(before));

describe("a multi-task step", () => {
  it("computes one forward, whatever the strategy", async () => {
    for (const strategy of [equal(), dynamicDifficulty(), dynamicDifficulty({ detachWeights: false })]) {
      const toy = new Toy();
      await train(toy, weighter(strategy, options), sgd(toy.parameters, { learningRate: 0.1 }), 1);
      done = [];
      await train(toy, weighter(strategy, options), sgd(toy.parameters, { learningRate: 0.1 }), 4);
      expect(done.filter((name) => name === "tanh")).toHaveLength(4);
    }
  });

  it("finds the plan of the first step again", async () => {
    for (const strategy of [fixed({ weights: [1, 2] }), dynamicDifficulty({ normalise: "initial" })]) {
      const toy = new Toy();
      const optimiser = rmsProp(toy.parameters, { learningRate: 0.01 });
      const balance = weighter(strategy, { ...options, onDegenerate: "previous" });
      await train(toy, balance, optimiser, 1);
      const { misses } = planCache(defaultDevice());
      optimiser.learningRate = 0.005;
      await train(toy, balance, optimiser, 5);
      expect(planCache(defaultDevice()).misses).toBe(misses);
    }
  });

  it("records what it applied: the total and the change of the network follow from the record", async () => {
    for (const strategy of [equal(), dynamicDifficulty(), naiveDynamic({ logits: "raw" })]) {
      const toy = new Toy();
      const optimiser = sgd(toy.parameters, { learningRate: 0.1 });
      const balance = weighter(strategy, options);
      await train(toy, balance, optimiser, 3);
      const start = await snapshot(toy);
      const [record] = await train(toy, balance, optimiser, 1);
      expect(record!.total).toBeCloseTo(totalOf(record!), 6);
      const moved = await snapshot(toy);
      await restore(toy, start);
      const { losses } = toy.forward();
      const dTrunk = gradients(sum(mul(losses, tensor([...record!.weights]))), [toy.trunk])[0]!;
      const expected = await numbers(sub(toy.trunk, mul(dTrunk, 0.1)));
      // The same operations on the same numbers, but a record is a constant where the step had a graph.
      [...moved["trunk"]!].forEach((each, i) => expect(each).toBeCloseTo(expected[i]!, 6));
    }
  });

  it("takes losses as scalars or as one tensor", async () => {
    const toy = new Toy();
    const { losses, features } = toy.forward();
    await realise(losses);
    const split = [losses.slice([0], [1]).reshape([]), losses.slice([1], [1]).reshape([])];
    const records = await Promise.all([
      weighter(equal(), options).weigh({ losses, features }).commit(),
      weighter(equal(), options).weigh({ losses: split }).commit(),
    ]);
    expect(records[1]).toEqual(records[0]);
  });

  it("does not mind a task without a labelled sample, whose loss is 0", async () => {
    const balance = weighter(dynamicDifficulty(), options);
    const record = await balance.weigh({ losses: [1, 0], features: tensor([[1, 2, 3]]) }).commit();
    expect(record.weights[0]! + record.weights[1]!).toBeCloseTo(1, 6);
    expect(record.losses).toEqual([1, 0]);
    expect(Number.isFinite(record.objective)).toBe(true);
  });

  it("lets the caller clip the gradients and read along", async () => {
    const toy = new Toy();
    const start = await numbers(toy.trunk.value);
    const { losses, features } = toy.forward();
    const squares = sum(square(features));
    await multiTaskStep({
      weighter: weighter(equal(), options),
      optimiser: sgd(toy.parameters, { learningRate: 0.1 }),
      losses,
      features,
      adjust: (all) => all.map((each) => mul(each, 0)),
      reads: [squares],
    });
    expect(await numbers(toy.trunk.value)).toEqual(start);
    expect(await squares.item()).toBeGreaterThan(0);
    expect(done.filter((name) => name === "tanh")).toHaveLength(1);
  });
});

/** What a strategy that looks at everything got to see. */
function spy(): { strategy: Strategy<Variable>; seen: WeighStep[] } {
  const seen: WeighStep[] = [];
  const strategy: Strategy<Variable> = {
    name: "spy",
    init: () => new Variable([0.5, 0.5], { name: "own" }),
    weigh: (at, own) => {
      seen.push(at);
      return { weights: mul(own.value, mean(at.features)) };
    },
    objective: ({ weights, losses, features }) => mul(sum(mul(weights, losses)), mean(features)),
    optimiser: (own) => sgd(own, { learningRate: 1 }),
  };
  return { strategy, seen };
}

describe("who learns from whom", () => {
  it("nobody, when the weighing is discarded", async () => {
    const toy = new Toy();
    const balance = weighter(dynamicDifficulty(), options);
    const state = await balance.state();
    const weighed = balance.weigh(toy.forward());
    weighed.discard();
    await step(weighed.weights);
    expect(await balance.state()).toEqual(state);
  });

  it("the strategy sees losses and features as constants", async () => {
    const toy = new Toy();
    const { strategy, seen } = spy();
    weighter(strategy, options).weigh(toy.forward()).discard();
    const through = sum(seen[0]!.losses).add(sum(seen[0]!.features));
    const leaks = await Promise.all(gradients(through, toy.parameters).map(numbers));
    expect(leaks.flat().every((each) => each === 0)).toBe(true);
  });

  it("the network sees the weights as constants", async () => {
    const toy = new Toy();
    const { losses, features } = toy.forward();
    const weighed = weighter(dynamicDifficulty(), options).weigh({ losses, features });
    const [dTrunk] = weighed.gradients([toy.trunk]);
    weighed.discard();
    const parts = [0, 1].map((i) => gradients(losses.slice([i], [1]).reshape([]), [toy.trunk])[0]!);
    const [got, w, g0, g1] = await Promise.all([dTrunk!, weighed.weights, ...parts].map(numbers));
    got!.forEach((each, i) => expect(each).toBeCloseTo(w![0]! * g0![i]! + w![1]! * g1![i]!, 5));
  });

  it("even when a strategy reaches for the network's Variables behind the engine's back", async () => {
    const toy = new Toy();
    const { losses } = toy.forward();
    const thief: Strategy = { name: "thief", init: () => null, weigh: () => ({ weights: sum(square(toy.heads), 0) }) };
    const weighed = weighter(thief, options).weigh({ losses });
    const [dHeads] = weighed.gradients([toy.heads]);
    const [expected] = gradients(sum(mul(losses, stopGradient(weighed.weights))), [toy.heads]);
    weighed.discard();
    const [got, wanted] = await Promise.all([dHeads!, expected!].map(numbers));
    expect(got).toEqual(wanted);
  });

  it("with detachWeights: false the trunk also receives Σ L_i ∂w_i/∂Z, and nothing else changes", async () => {
    const toy = new Toy();
    const { losses, features } = toy.forward();
    const [plain, attached] = [true, false].map((detachWeights) =>
      weighter(dynamicDifficulty({ detachWeights }), options).weigh({ losses, features }),
    );
    const [gTrunk, gHeads] = attached!.gradients(toy.parameters);
    const [pTrunk, pHeads] = plain!.gradients(toy.parameters);
    plain!.discard();
    attached!.discard();
    // w as a function of Z, on its own: the pull of Σ L_i·w_i(Z), with L constant, carried back through Z to the trunk.
    const [dZ] = gradients(sum(mul(attached!.weights, stopGradient(losses))), [features]);
    const [extra] = gradients(features, [toy.trunk], { cotangent: dZ! });
    const [all, base, more, h1, h2] = await Promise.all([gTrunk!, pTrunk!, extra!, gHeads!, pHeads!].map(numbers));
    expect(Math.max(...more!.map(Math.abs))).toBeGreaterThan(1e-3);
    all!.forEach((each, i) => expect(each).toBeCloseTo(base![i]! + more![i]!, 5));
    expect(h1).toEqual(h2);
  });

  it("the strategy's own parameters never join the network's optimiser", () => {
    const toy = new Toy();
    const balance = weighter(dynamicDifficulty(), options);
    const weighed = balance.weigh(toy.forward());
    weighed.discard();
    const everything = [...toy.parameters, balance.strategyState.bias];
    expect(() => weighed.gradients(everything)).toThrowErrorMatchingInlineSnapshot(`
      [UsageError: dynamicDifficulty: needs parameters of the network, got dynamicDifficulty.bias
        hint: the strategy's own optimiser trains its parameters; leave them out of the network's]
    `);
  });

  it("the objective moves the strategy's own trainable Variables and nothing else", async () => {
    const toy = new Toy();
    const start = await snapshot(toy);
    const { losses, features } = toy.forward();
    const { strategy } = spy();
    const balance = weighter(strategy, options);
    const height = mean(features);
    await balance.weigh({ losses, features }).commit(losses, height);
    const [l, z] = await Promise.all([losses, height].map(numbers));
    expect(await snapshot(toy)).toEqual(start);
    // objective = mean(Z)²·Σ own_i·L_i, so ∂/∂own_i = mean(Z)²·L_i, at learning rate 1.
    (await numbers(balance.strategyState.value)).forEach((each, i) => expect(each).toBeCloseTo(0.5 - z![0]! ** 2 * l![i]!, 5)); // prettier-ignore
  });
});

describe("a run can be saved between two steps", () => {
  it.each([
    ["dynamicDifficulty", (): Strategy => dynamicDifficulty({ normalise: "initial" })],
    ["naiveDynamic", (): Strategy => naiveDynamic()],
    ["equal", (): Strategy => equal()],
  ])("%s goes on bit for bit", async (_, make) => {
    const toy = new Toy();
    const optimiser = rmsProp(toy.parameters, { learningRate: 0.05, momentum: 0.5 });
    const balance = weighter(make(), options);
    await train(toy, balance, optimiser, 5);
    const saved = structuredClone({ run: await balance.state(), network: await snapshot({ toy, optimiser }) });
    const uninterrupted = await train(toy, balance, optimiser, 6);

    const other = new Toy();
    const otherOptimiser = rmsProp(other.parameters, { learningRate: 0.05, momentum: 0.5 });
    const resumed = weighter(make(), { ...options, key: random.key(99) });
    await restore({ toy: other, optimiser: otherOptimiser }, saved.network);
    await resumed.load(saved.run);
    expect(await train(other, resumed, otherOptimiser, 6)).toEqual(uninterrupted);
    expect(await resumed.state()).toEqual(await balance.state());
  });

  it("keeps the rate of the strategy's own optimiser", async () => {
    const balance = weighter(dynamicDifficulty(), options);
    balance.optimiser!.learningRate = 0.02;
    const other = weighter(dynamicDifficulty(), options);
    await other.load(await balance.state());
    expect(other.optimiser!.learningRate).toBe(0.02);
  });

  it("fits only the strategy and tasks it came from", async () => {
    const state = await weighter(equal(), options).state();
    const other = weighter(dynamicDifficulty(), options);
    await expect(other.load(state)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[UsageError: load: needs the state of dynamicDifficulty over identity, expression, got that of equal over identity, expression]`,
    );
  });
});
