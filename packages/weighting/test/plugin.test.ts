import { tensor } from "@steelyard/core";
import { describe, expect, it } from "vitest";
import { dynamicDifficulty, fixed, weighter, type Strategy, type StepInputs, type StepRecord } from "../src/index.ts";

/** Dynamic weight average, as a reader of the paper would write it: a plain object that knows nothing of the engine. */
function dwa({ temperature = 2 } = {}): Strategy<{ epochs: readonly (readonly number[])[] }> {
  return {
    name: "dwa",
    source: { title: "End-to-End Multi-Task Learning with Attention", url: "https://arxiv.org/abs/1803.10704", where: "section 3.3" }, // prettier-ignore
    laws: ["nonnegative", "sums-to-T", "permutation-equivariant", "common-scale-invariant"],
    options: { temperature },
    init: () => ({ epochs: [] }),
    weigh({ taskCount }, { epochs: [older, newer] }) {
      if (older === undefined || newer === undefined) return { weights: Array<number>(taskCount).fill(1) };
      const powers = newer.map((loss, i) => Math.exp(loss / older[i]! / temperature));
      const total = powers.reduce((whole, each) => whole + each);
      return { weights: powers.map((each) => (taskCount * each) / total) };
    },
    endEpoch: ({ meanLosses }, { epochs }) => ({ epochs: [...epochs, meanLosses].slice(-2) }),
  };
}

/** A wrapper: weighs as another strategy would on the logarithms of the losses. */
const onLogs = <State>(inner: Strategy<State>): Strategy<State> => ({
  ...inner,
  name: `log ${inner.name}`,
  weigh: (step, state) => inner.weigh({ ...step, losses: step.losses.log() }, state),
});

describe("a stranger's strategy of twenty lines", () => {
  it("works through the public API alone: epochs, state and resumption", async () => {
    const balance = weighter(dwa(), { tasks: ["a", "b"] });
    const epoch = async (...losses: [number, number][]): Promise<readonly number[]> => {
      let weights: readonly number[] = [];
      for (const each of losses) ({ weights } = await balance.weigh({ losses: each }).commit());
      await balance.endEpoch();
      return weights;
    };
    expect(await epoch([1, 4], [3, 4])).toEqual([1, 1]);
    expect(await epoch([1, 1], [1, 1])).toEqual([1, 1]);
    expect(balance.strategyState.epochs).toEqual([[2, 4], [1, 1]]); // prettier-ignore
    const state = JSON.parse(JSON.stringify((await balance.state()).saved.data)) as unknown;
    expect(state).toMatchObject({ state: { epochs: [[2, 4], [1, 1]] } }); // prettier-ignore
    const [w1, w2] = await epoch([5, 5]);
    const share = Math.exp(1 / 4) / (Math.exp(1 / 4) + Math.exp(1 / 8));
    expect([w1, w2]).toEqual([expect.closeTo(2 * share, 6), expect.closeTo(2 * (1 - share), 6)]);
  });

  it("gets the numbers of each committed step, and a key of its own for each", async () => {
    const told: StepRecord[] = [];
    const keys: string[] = [];
    const strategy: Strategy<number> = {
      name: "curious",
      init: () => 0,
      weigh: ({ key }, steps) => {
        keys.push(String(key));
        return { weights: [steps, 1] };
      },
      afterStep: (record, steps) => {
        told.push(record);
        return steps + 1;
      },
    };
    const balance = weighter(strategy, { tasks: ["a", "b"] });
    const inputs: StepInputs = { losses: [2, 3] };
    const returned = [await balance.weigh(inputs).commit(), await balance.weigh(inputs).commit()];
    expect(told).toEqual(returned);
    expect(returned.map(({ weights, total }) => [...weights, total])).toEqual([[0, 1, 3], [1, 1, 5]]); // prettier-ignore
    expect(new Set(keys).size).toBe(2);
  });

  it("wraps another one by spreading the step", async () => {
    const byLoss: Strategy<null> = { name: "by loss", init: () => null, weigh: ({ losses }) => ({ weights: losses }) };
    const { weights } = await weighter(onLogs(byLoss), { tasks: ["a", "b"] })
      .weigh({ losses: [1, Math.E] })
      .commit();
    expect(weights).toEqual([0, expect.closeTo(1, 6)]);
  });

  it("works in f64 like the built-in ones", async () => {
    const inputs = { losses: tensor([0.1, 0.2], { dtype: "f64" }), features: tensor([[1, 2]], { dtype: "f64" }) };
    const both = { tasks: ["a", "b"], featureShape: [2], dtype: "f64" } as const;
    const plain = await weighter(fixed({ weights: [0.1, 0.3] }), both)
      .weigh(inputs)
      .commit();
    expect(plain).toMatchObject({ weights: [0.1, 0.3], losses: [0.1, 0.2], total: 0.1 * 0.1 + 0.3 * 0.2 });
    const { weights, objective } = await weighter(dynamicDifficulty({ normalise: "initial" }), both)
      .weigh(inputs)
      .commit();
    expect(weights[0]! + weights[1]!).toBeCloseTo(1, 15);
    expect(objective).toBeCloseTo(1 / 1.01, 14);
  });
});
