import { gradients, tensor, type Tensor } from "@steelyard/core";
import { sgd } from "@steelyard/nn";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bounds, f64, fuzz, numbers, stepWith, unitOf } from "../../test/support.ts";
import { dynamicDifficulty, naiveDynamic, weighter, weightsFromLogits, type Strategy, type WeightUnit } from "../index.ts"; // prettier-ignore

const epsilon = 0.01;

/** ∂objective/∂a for a batch of logits a, through the strategy's own objective. */
async function dLogits(
  strategy: Strategy<WeightUnit>,
  losses: Tensor,
  a: Tensor,
  logits: "raw" | "normalised" = "raw",
): Promise<number[][]> {
  const step = stepWith(losses, weightsFromLogits(a, { logits, scale: 1 }));
  const [dA] = gradients(strategy.objective!(step, unitOf(losses.size)), [a]);
  return (await dA!.array()) as number[][];
}

const softmaxOf = (a: readonly number[]): number[] => {
  const powers = a.map((each) => Math.exp(each - Math.max(...a)));
  const total = powers.reduce((sum, each) => sum + each, 0);
  return powers.map((each) => each / total);
};
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, each, i) => sum + each * b[i]!, 0);

const loss = fc.double({ min: 0, max: 10, noNaN: true });
const logit = fc.double({ min: -4, max: 4, noNaN: true });
const rowsOf = (n: number, t: number): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(logit, { minLength: t, maxLength: t }), { minLength: n, maxLength: n });
/** T losses and a batch of logits [N, T]. */
const problem = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 5 }))
  .chain(([n, t]) => fc.tuple(fc.array(loss, { minLength: t, maxLength: t }), rowsOf(n, t)));

const pull = async (losses: number[]): Promise<number> =>
  Math.abs((await dLogits(dynamicDifficulty(), f64(losses), f64([[0, 0]])))[0]![0]!);

describe("the objective of dynamicDifficulty", () => {
  it("is Σ w_i/(L_i + ε), and that of naiveDynamic Σ w_i·L_i", async () => {
    const step = stepWith(f64([0.5, 2]), f64([0.25, 0.75]));
    expect(await dynamicDifficulty().objective!(step, unitOf(2)).item()).toBeCloseTo(0.25 / 0.51 + 0.75 / 2.01, 14);
    expect(await naiveDynamic().objective!(step, unitOf(2)).item()).toBe(1.625);
  });

  it("has the gradient w_k·(1/(L_k+ε) − Σ_j w_j/(L_j+ε))/B for raw logits", async () => {
    const property = fc.asyncProperty(problem, async ([losses, a]) => {
      const dA = await dLogits(dynamicDifficulty(), f64(losses), f64(a));
      const pulls = losses.map((each) => 1 / (each + epsilon));
      for (const [n, row] of a.entries()) {
        const w = softmaxOf(row);
        w.forEach((weight, k) => expect(dA[n]![k]).toBeCloseTo((weight * (pulls[k]! - dot(w, pulls))) / a.length, 10));
      }
    });
    await fc.assert(property, fuzz(100));
  });

  it("is w_1·w_2·(1/(L_1+ε) − 1/(L_2+ε))/B for two tasks, and the opposite for the other", async () => {
    const [[first, second]] = (await dLogits(dynamicDifficulty(), f64([1, 3]), f64([[0.2, -0.4]]))) as [number[]];
    const [w1, w2] = softmaxOf([0.2, -0.4]) as [number, number];
    expect(first).toBeCloseTo(w1 * w2 * (1 / 1.01 - 1 / 3.01), 14);
    expect(second).toBeCloseTo(-first!, 14);
  });

  it("multiplies by the normaliser's Jacobian for normalised logits, so no step changes their length at first order", async () => {
    const property = fc.asyncProperty(problem, async ([losses, a]) => {
      fc.pre(a.every((row) => Math.hypot(...row) > 0.1));
      const dA = await dLogits(dynamicDifficulty(), f64(losses), f64(a), "normalised");
      const dN = await dLogits(dynamicDifficulty(), f64(losses), f64(a.map((row) => row.map((each) => each / Math.hypot(...row))))); // prettier-ignore
      for (const [n, row] of a.entries()) {
        const length = Math.hypot(...row);
        const along = dot(dN[n]!, row) / length ** 2;
        row.forEach((each, k) => expect(dA[n]![k]).toBeCloseTo((dN[n]![k]! - along * each) / length, 8));
        expect(dot(dA[n]!, row)).toBeCloseTo(0, 8);
      }
    });
    await fc.assert(property, fuzz(60));
  });

  it("has no gradient at equal losses, to within 4u/(L + ε)", async () => {
    const dtypes = fc.constantFrom("f32", "f64");
    const property = fc.asyncProperty(
      loss,
      rowsOf(1, 3),
      dtypes,
      fc.integer({ min: 2, max: 3 }),
      async (same, [row], dtype, T) => {
        const losses = tensor(Array(T).fill(same), { dtype });
        const [dA] = await dLogits(dynamicDifficulty(), losses, tensor([row!.slice(0, T)], { dtype }));
        const u = dtype === "f32" ? 2 ** -24 : 2 ** -53;
        for (const each of dA!) expect(Math.abs(each)).toBeLessThanOrEqual((4 * u) / (same + epsilon));
      },
    );
    await fc.assert(property, fuzz(200));
  });

  it("raises the weight of a task whose loss grows", async () => {
    const property = fc.asyncProperty(
      problem,
      fc.double({ min: 0.01, max: 10, noNaN: true }),
      async ([losses, a], more) => {
        const grown = losses.with(0, losses[0]! + more);
        const before = await dLogits(dynamicDifficulty(), f64(losses), f64(a));
        const after = await dLogits(dynamicDifficulty(), f64(grown), f64(a));
        // Descent follows −∂/∂a.
        before.forEach((row, n) => expect(after[n]![0]).toBeLessThan(row[0]!));
      },
    );
    await fc.assert(property, fuzz(60));
  });

  it("pulls the harder as the losses shrink, up to 1/ε", async () => {
    const pulls = await Promise.all([1, 0.1, 0.01, 0.001, 0].map((easy) => pull([easy, 10])));
    expect(pulls).toEqual(pulls.toSorted((a, b) => a - b));
    expect(await pull([0, 1e9])).toBeCloseTo(0.25 / epsilon, 6);
    const property = fc.asyncProperty(problem, async ([losses, a]) => {
      const dA = await dLogits(dynamicDifficulty(), f64(losses), f64(a));
      for (const each of dA.flat()) expect(Math.abs(each)).toBeLessThanOrEqual(0.25 / epsilon);
    });
    await fc.assert(property, fuzz(60));
  });
});

const signs = async (losses: number[], a: number[]): Promise<[number[], number[]]> => {
  const of = async (strategy: Strategy<WeightUnit>): Promise<number[]> =>
    (await dLogits(strategy, f64(losses), f64([a])))[0]!.map(Math.sign);
  return [await of(dynamicDifficulty()), await of(naiveDynamic())];
};

const apart = (losses: readonly number[]): boolean =>
  losses.every((each, i) => losses.every((other, j) => i === j || Math.abs(each - other) > 1e-3));

describe("dynamicDifficulty against naiveDynamic", () => {
  it("pulls the other way for two tasks", async () => {
    const property = fc.asyncProperty(loss, loss, rowsOf(1, 2), async (l1, l2, [a]) => {
      fc.pre(apart([l1, l2]));
      const [method, naive] = await signs([l1, l2], a!);
      expect(method).toEqual(naive.map((sign) => -sign));
      expect(method).toEqual(l1 > l2 ? [-1, 1] : [1, -1]);
    });
    await fc.assert(property, fuzz(60));
  });

  it("pulls the other way for the largest and the smallest loss of any number of tasks", async () => {
    const property = fc.asyncProperty(problem, async ([losses, [a]]) => {
      fc.pre(apart(losses));
      const [method, naive] = await signs(losses, a!);
      const [hard, easy] = [losses.indexOf(Math.max(...losses)), losses.indexOf(Math.min(...losses))];
      expect([method[hard], method[easy], naive[hard], naive[easy]]).toEqual([-1, 1, 1, -1]);
    });
    await fc.assert(property, fuzz(60));
  });

  it("but not for every task in between: L = (1, 2, 9)", async () => {
    const [method, naive] = await signs([1, 2, 9], [0, 0, 0]);
    expect(method).toEqual([1, -1, -1]);
    expect(naive).toEqual([-1, -1, 1]);
  });
});

/** Weights after many steps at losses that never change. */
async function settle(strategy: Strategy<WeightUnit>, losses: number[], steps: number): Promise<number[]> {
  const tasks = losses.map((_, i) => `task ${i}`);
  const balance = weighter(strategy, { tasks, featureShape: [4] });
  const inputs = { losses: tensor(losses), features: tensor([[1, 0, 2, 0], [0, 1, 1, 1]]) }; // prettier-ignore
  for (let i = 1; i < steps; i++) await balance.weigh(inputs).commit();
  return [...(await balance.weigh(inputs).commit()).weights];
}

describe("a long run at fixed losses", () => {
  it("saturates at 0.8044/0.1956 for two tasks, the hard one leading", async () => {
    const weights = await settle(dynamicDifficulty(), [2, 0.5], 600);
    expect(weights[0]).toBeCloseTo(0.8044, 3);
    expect(weights[1]).toBeCloseTo(0.1956, 3);
  });

  it("leads the naive baseline to the same clamp on the easy side", async () => {
    expect((await settle(naiveDynamic(), [2, 0.5], 600))[0]).toBeCloseTo(0.1956, 3);
  });

  it.each([3, 4, 5, 6])("goes to w_max for one hard task of %i, and to w_min for one easy task", async (T) => {
    const others = Array.from({ length: T - 1 }, () => 1);
    const { low, high } = bounds(T);
    expect((await settle(dynamicDifficulty(), [3, ...others], 300))[0]).toBeCloseTo(high, 2);
    expect((await settle(dynamicDifficulty(), [0.3, ...others], 300))[0]).toBeCloseTo(low, 2);
  });

  it("scales the clamp with the logits", async () => {
    expect((await settle(dynamicDifficulty({ scale: 2 }), [2, 0.5], 150))[0]).toBeCloseTo(bounds(2, 2).high, 3);
  });

  it("ends in winner-takes-all for raw logits, the largest loss winning", async () => {
    const weights = await settle(dynamicDifficulty({ logits: "raw" }), [1, 3, 2], 400);
    expect(weights[1]).toBeGreaterThan(0.99);
  });
});

const inputs = (losses: number[]): { losses: Tensor; features: Tensor } => ({ losses: tensor(losses), features: tensor([[1, 2]]) }); // prettier-ignore

describe("normalise", () => {
  const tasks = [{ name: "identity", classes: 10_000 }, { name: "expression", classes: 7 }]; // prettier-ignore

  it("'log-classes' compares losses with those of a guess: ln 10,000 and ln 7 are equally hard", async () => {
    const strategy = dynamicDifficulty({ normalise: "log-classes", optimiser: (own) => sgd(own, { learningRate: 1 }) });
    const balance = weighter(strategy, { tasks, featureShape: [2] });
    const record = await balance.weigh(inputs([Math.log(10_000), Math.log(7)])).commit();
    expect(record.objective).toBeCloseTo(1 / (1 + epsilon), 5);
    expect(await numbers(balance.strategyState.bias.value)).toEqual([expect.closeTo(0, 6), expect.closeTo(0, 6)]);
    // The network still minimises the raw losses.
    expect(record.total).toBeCloseTo(record.weights[0]! * Math.log(10_000) + record.weights[1]! * Math.log(7), 5);
  });

  it("'initial' divides by each task's first loss above 0", async () => {
    const balance = weighter(dynamicDifficulty({ normalise: "initial" }), { tasks, featureShape: [2] });
    const objectives: number[] = [];
    // The second task has no labelled sample in the first batch: its loss is 0, and counts as easy.
    for (const losses of [
      [8, 0],
      [4, 2],
      [4, 1],
    ]) {
      const { weights: [w1, w2], objective } = await balance.weigh(inputs(losses)).commit(); // prettier-ignore
      const [l1, l2] = [losses[0]! / 8, losses[1]! / 2];
      expect(objective).toBeCloseTo(w1! / (l1 + epsilon) + w2! / (l2 + epsilon), 3);
      objectives.push(objective!);
    }
    expect(balance.strategyState.firstLosses).toEqual([8, 2]);
  });

  it("'log-classes' needs the class counts", () => {
    expect(() => weighter(dynamicDifficulty({ normalise: "log-classes" }), { tasks: ["a", "b"], featureShape: [2] })).toThrowErrorMatchingInlineSnapshot(`
      [UsageError: normalise: "log-classes": needs two classes or more for each task, got task a without
        hint: weighter(strategy, { tasks: [{ name: "expression", classes: 7 }, …] })]
    `); // prettier-ignore
  });
});
