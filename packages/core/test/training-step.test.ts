import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import {
  defaultDevice,
  gradients,
  hostSolve,
  memory,
  planCache,
  step,
  sum,
  tensor,
  Variable,
  type Tensor,
} from "../src/index.ts";
import { observed } from "./observed.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const { done, times } = observed();

/** Least squares by gradient descent: a training step of the smallest kind. */
function descend(w: Variable, x: Tensor, rate: number): Tensor {
  const loss = x.matmul(w).tanh().square().mean();
  const [dW] = gradients(loss, [w]);
  w.assign(w.value.sub(dW!.mul(rate)));
  return loss;
}

describe("lesson 3: a training step", () => {
  it("executes its forward exactly once", async () => {
    const w = new Variable([[1], [2]], { name: "w" });
    const loss = descend(w, tensor([[1, 2]]), 0.1);
    await step(loss);
    await loss.item();
    expect(times("tanh")).toBe(1);
  });

  it("finds the plan of the first step again, whatever the numbers", async () => {
    const w = new Variable([[1], [2]], { name: "w" });
    await step(descend(w, tensor([[1, 2]]), 0.1));
    const { misses } = planCache(defaultDevice());
    for (let i = 0; i < 5; i++) await step(descend(w, tensor([[i, -i]]), 0.1 / (i + 1)));
    expect(planCache(defaultDevice()).misses).toBe(misses);
    await step(descend(w, tensor([[1, 2], [3, 4]]), 0.1)); // prettier-ignore
    expect(planCache(defaultDevice()).misses).toBe(misses + 1);
  });

  it("leaves numbers, not graphs, in a history of losses", async () => {
    const w = new Variable([[1], [2]], { name: "w" });
    const history: Tensor[] = [];
    let middle: WeakRef<object> | null = null;
    for (let i = 0; i < 3; i++) {
      const loss = descend(w, tensor([[1, 2]]), 0.1);
      middle ??= new WeakRef(loss.node.inputs[0]!);
      await step(loss);
      history.push(loss);
    }
    // Not at once: an engine that compiles in the background may hold on to what it looks at.
    await vi.waitFor(() => {
      collectGarbage();
      expect(middle!.deref() === undefined).toBe(true);
    });
    expect(history.map(({ node }) => node.inputs.length)).toEqual([0, 0, 0]);
    expect(() => gradients(history[0]!, [w])).toThrowErrorMatchingInlineSnapshot(`
      [ReleasedGraph: gradients: needs a y whose graph is still there, got div f32[], whose graph was released by the step that computed it
        hint: take the gradients before \`await step(…)\`]
    `);
    expect(await history[2]!.item()).toBeLessThan(await history[0]!.item());
  });

  it("leaves heap and device memory flat over 10,000 steps", async () => {
    const w = new Variable([[1], [2]], { name: "w" });
    const x = tensor([[1, 2]]);
    const train = async (steps: number): Promise<number> => {
      for (let i = 0; i < steps; i++) await step(descend(w, x, 0.01));
      done.length = 0;
      await new Promise((resolve) => setTimeout(resolve));
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const start = await train(500);
    const end = await train(10_000);
    expect(memory.report().entries.map(({ owner }) => owner)).toEqual(["w"]);
    // A leak of one number a step would be 80 kB at least; a graph a step, tens of megabytes.
    expect(end - start).toBeLessThan(2_000_000);
  });
});

describe("lesson 4: a solver of the host in the middle of a plan", () => {
  it("computes everything else once, on the device", async () => {
    const x = tensor([[2, 0], [0, 4]]).exp().log(); // prettier-ignore
    const [inverse] = hostSolve([x], [[2]], (k) => [[1 / k[0]!, 1 / k[3]!]]);
    const answer = x.matmul(inverse!);
    const [values] = await Promise.all([answer.array(), sum(answer).item()]);
    (values as number[]).forEach((value) => expect(value).toBeCloseTo(1, 5));
    expect(times("exp")).toBe(1);
  });

  it("refuses results of another size than it promised", async () => {
    const [short] = hostSolve([tensor([1, 2])], [[2]], () => [[1]]);
    await expect(short!.data()).rejects.toThrow("hostSolve: needs results of 2 numbers, as its shapes say, got 1");
  });
});
