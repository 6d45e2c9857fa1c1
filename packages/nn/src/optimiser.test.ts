import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradients, random, step, tensor, Variable, type Tensor } from "@steelyard/core";
import { adam, adamW, Linear, nameVariables, optimiserOf, parameters, rmsProp, sgd, variables } from "./index.ts";
import type { Optimiser } from "./index.ts";
import { shortfall } from "./shortfall.ts";
import { fuzz } from "../test/fuzz.ts";

/** The values of one parameter that starts at 1, under the gradients given. */
async function walk(make: (p: Variable) => Optimiser, slopes: readonly ((p: Tensor) => Tensor | number)[]) {
  const p = new Variable(1, { name: "p" });
  const optimiser = make(p);
  const places: number[] = [];
  for (const slope of slopes) {
    const g = slope(p.value);
    optimiser.update([typeof g === "number" ? tensor(g) : g]);
    await step();
    places.push(await p.value.item());
  }
  return { places, optimiser };
}

/** Five significant digits or more of numbers near 1 in f32. */
function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 6));
}

// The gradient of ½p².
const bowl = (p: Tensor): Tensor => p;

describe("sgd", () => {
  it("steps down the slope", async () => {
    const { places } = await walk((p) => sgd([p], { learningRate: 0.1 }), [bowl, bowl, bowl]);
    expectClose(places, [0.9, 0.81, 0.729]);
  });

  it("gathers speed with momentum", async () => {
    const { places } = await walk((p) => sgd([p], { learningRate: 0.1, momentum: 0.9 }), [bowl, bowl, bowl]);
    // v = 1, 0.9 + 0.9 = 1.8, 1.62 + 0.72 = 2.34
    expectClose(places, [0.9, 0.72, 0.486]);
  });

  it("looks ahead with nesterov", async () => {
    const { places } = await walk((p) => sgd([p], { learningRate: 0.1, momentum: 0.9, nesterov: true }), [bowl, bowl]);
    // v = 1, step 1 + 0.9 = 1.9; v = 0.9 + 0.81 = 1.71, step 0.81 + 1.539 = 2.349
    expectClose(places, [0.81, 0.5751]);
  });

  it("adds λ·p to the gradient as weight decay, by parameter if wanted", async () => {
    const [p, q] = [new Variable(1, { name: "p" }), new Variable([1], { name: "q" })];
    const optimiser = sgd([p, q], { learningRate: 0.1, weightDecay: ({ shape }) => (shape.length > 0 ? 0.5 : 0) });
    optimiser.update([tensor(1), tensor([1])]);
    await step();
    expectClose([await p.value.item(), await q.value.item()], [0.9, 0.85]);
  });

  it("keeps no slot it does not need", () => {
    const p = new Variable(1);
    expect([...variables(sgd([p], { learningRate: 1 }).slots)]).toEqual([]);
  });
});

describe("rmsProp has TensorFlow's semantics", () => {
  it("agrees with a sequence worked by hand", async () => {
    const options = { learningRate: 0.1, momentum: 0.9, epsilon: 1 };
    const { places } = await walk((p) => rmsProp([p], options), [() => 2, () => 2]);
    // s = 0.9 + 0.4 = 1.3,   m = 0.2/√2.3 = 0.13187609
    // s = 1.17 + 0.4 = 1.57, m = 0.9·0.13187609 + 0.2/√2.57 = 0.24344505
    expectClose(places, [1 - 0.13187609, 1 - 0.13187609 - 0.24344505]);
  });

  it("agrees with the sequence of TensorFlow's own test (rmsprop_test.py, testWithMomentum)", async () => {
    const options = { learningRate: 2, decay: 0.9, momentum: 0.5, epsilon: 1e-5 };
    const { places } = await walk((p) => rmsProp([p], options), [() => 0.1, () => 0.1]);
    const first = (0.1 * 2) / Math.sqrt(0.901 + 1e-5);
    const second = 0.5 * first + (0.1 * 2) / Math.sqrt(0.901 * 0.9 + 0.001 + 1e-5);
    expectClose(places, [1 - first, 1 - first - second]);
  });

  it("starts with a mean square of 0 on request, and then its first step is η/√(1 − ρ) whatever the slope", async () => {
    const options = { learningRate: 0.1, initialMeanSquare: 0 };
    for (const slope of [0.5, 100]) {
      const { places } = await walk((p) => rmsProp([p], options), [() => slope]);
      expectClose(places, [1 - 0.1 / Math.sqrt(0.1)]);
    }
  });
});

describe("adam", () => {
  it("steps η at first, whatever the size of the gradient", async () => {
    for (const slope of [1e-3, 1, -1000]) {
      const { places } = await walk((p) => adam([p], { learningRate: 0.1 }), [() => slope, () => slope, () => slope]);
      // m̂ = g and √v̂ = |g| for a constant gradient.
      const way = -Math.sign(slope);
      [0.1, 0.2, 0.3].forEach((far, i) => expect(places[i]).toBeCloseTo(1 + way * far, 5));
    }
  });

  it("agrees with a sequence worked by hand", async () => {
    const options = { learningRate: 0.1, beta1: 0.5, beta2: 0.5, epsilon: 0 };
    const { places } = await walk((p) => adam([p], options), [() => 1, () => 3]);
    // m = 0.5, v = 0.5, both /0.5; m = 0.25 + 1.5 = 1.75, v = 0.25 + 4.5 = 4.75, both /0.75: 2.3333/√6.3333 = 0.9271726
    expectClose(places, [0.9, 0.9 - 0.09271726]);
  });

  it("shrinks weights apart from the gradient: AdamW", async () => {
    const { places } = await walk((p) => adamW([p], { learningRate: 0.1, weightDecay: 0.1 }), [() => 1, () => 1]);
    // 1 − 0.1 − 0.01·1 = 0.89; 0.89 − 0.1 − 0.01·0.89 = 0.7811
    expectClose(places, [0.89, 0.7811]);
  });

  it("keeps seven digits of 1 − βᵗ in f32, from the first step to the millionth", async () => {
    for (const t of [1, 2, 1000, 1_000_000]) {
      const exact = 1 - 0.999 ** t;
      expect(Math.abs((await shortfall(0.999, tensor(t)).item()) / exact - 1)).toBeLessThan(5e-7);
    }
  });

  it("counts on after the state is restored, as the count is a Variable", async () => {
    const { optimiser } = await walk((p) => adam([p], { learningRate: 0.1 }), [() => 1, () => 1]);
    expect(await optimiser.slots["count"]!["time"]!.value.item()).toBe(2);
  });
});

const slotsOf = (...names: string[]): string[] => {
  const named = names.map((name) => new Variable(1, { name }));
  return Object.keys(sgd(named, { learningRate: 1, momentum: 0.9 }).slots["momentum"]!);
};

const model = (): Linear => nameVariables(new Linear(2, 1, { key: random.key(1) }), "fc");

describe("every optimiser", () => {
  it("keeps its slots in Variables named by parameter", () => {
    const slots = variables(rmsProp(parameters(model()), { learningRate: 1 }).slots);
    expect([...slots.keys()]).toEqual([
      "meanSquare.fc.weight",
      "meanSquare.fc.bias",
      "momentum.fc.weight",
      "momentum.fc.bias",
    ]);
    expect([...slots].every(([path, slot]) => slot.name === path && !slot.trainable)).toBe(true);
  });

  it("tells parameters of one name apart by position", () => {
    const twins = [new Variable(1), new Variable(2)];
    expect(Object.keys(sgd(twins, { learningRate: 1, momentum: 0.9 }).slots["momentum"]!)).toEqual([
      "variable.0",
      "variable.1",
    ]);
  });

  it("never gives two parameters one slot, whatever their names, and leaves distinct names alone", () => {
    expect(slotsOf("w", "w", "w.1")).toEqual(["w.0", "w.1.1", "w.1"]);
    expect(slotsOf("w.1", "w", "w", "w.2", "w.2.2")).toEqual(["w.1", "w.1.1", "w.2.2.2", "w.2", "w.2.2"]);
    expect(slotsOf("w.0", "w.0", "w", "w")).toEqual(["w.0.0", "w.0.1", "w.2", "w.3"]);
    expect(slotsOf("a", "b", "a.0")).toEqual(["a", "b", "a.0"]);
    const names = fc.array(fc.stringMatching(/^w(\.[0-3]){0,3}$/), { maxLength: 8 });
    fc.assert(
      fc.property(names, (list) => {
        const slots = slotsOf(...list);
        expect(slots).toHaveLength(list.length);
        list.forEach((name, i) => {
          if (list.indexOf(name) === list.lastIndexOf(name)) expect(slots[i]).toBe(name);
        });
      }),
      fuzz(100),
    );
  });

  it("records nothing when the gradients do not fit", async () => {
    const layer = model();
    const optimiser = sgd(parameters(layer), { learningRate: 1 });
    const [dW] = gradients(layer.weight.value.sum(), [layer.weight]);
    expect(() => optimiser.update([dW!])).toThrow("sgd: needs a gradient for each of 2 parameters, got 1");
    expect(() => optimiser.update([dW!, tensor([1, 2])])).toThrow("needs a gradient f32[1] for fc.bias, got f32[2]");
    await step();
    expect(layer.weight.version).toBe(0);
  });

  it("refuses rates that are no rates", () => {
    expect(() => sgd([], { learningRate: NaN })).toThrow("sgd: needs learningRate: a finite number ≥ 0, got NaN");
    expect(() => adam([new Variable(1)], { learningRate: 1, weightDecay: -1 })).toThrow("weightDecay");
  });

  it("refuses a rate that is none at the update, also when it was set later, and records nothing", async () => {
    const p = new Variable(1, { name: "p" });
    const optimiser = rmsProp([p], { learningRate: 0.1 });
    for (const rate of [NaN, Infinity, -0.1]) {
      optimiser.learningRate = rate;
      expect(() => optimiser.update([tensor(1)])).toThrow(
        `rmsProp: needs learningRate: a finite number ≥ 0, got ${rate}`,
      );
      await expect(optimiser.step(p.value.square())).rejects.toMatchObject({ code: "ValueError" });
    }
    await step();
    expect([p, ...variables(optimiser.slots).values()].map(({ version }) => version)).toEqual([0, 0, 0]);
    optimiser.learningRate = 0;
    await optimiser.step(p.value.square());
    expect([p.version, await p.value.item()]).toEqual([1, 1]);
  });

  it("trains f64 parameters, with a count in f32", async () => {
    const p = new Variable(tensor([1], { dtype: "f64" }));
    const optimiser = adam([p], { learningRate: 0.1, epsilon: 0 });
    await optimiser.step(p.value.square().sum());
    expect((await p.value.data())[0]).toBeCloseTo(0.9, 7);
  });

  it("can be written by anyone, as a rule: sign descent", async () => {
    const rule = {
      name: "signDescent",
      slots: {},
      at:
        ({ learningRate }: { learningRate: number }) =>
        ({ parameter, gradient }: { parameter: Tensor; gradient: Tensor }) => ({
          parameter: parameter.sub(gradient.sign().mul(learningRate)),
          slots: {},
        }),
    };
    const { places } = await walk((p) => optimiserOf(rule, [p], { learningRate: 0.25 }), [() => 7, () => -1e-9]);
    expect(places).toEqual([0.75, 1]);
  });
});
