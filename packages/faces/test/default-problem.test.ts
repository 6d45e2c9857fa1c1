import { describe, expect, it } from "vitest";
import { setDefaultDevice } from "@steelyard/core";
import { cpu } from "@steelyard/cpu";
import { dynamicDifficulty } from "@steelyard/weighting";
import { linearBaseline, renderedProblem, trainFaces, type LabelledImages } from "../src/index.ts";

setDefaultDevice(cpu({ threads: 1, deterministic: true }));

function all(set: LabelledImages): Float32Array {
  return set.images(Int32Array.from({ length: set.count }, (_, i) => i));
}

/** What the command line trains on when it is told nothing. */
describe("the default problem", () => {
  const problem = renderedProblem({ seed: 1 });

  it("has 24 people and 7 expressions, each scored on what it has to generalise to", () => {
    expect(problem.tasks.map(({ classes }) => classes.length)).toEqual([24, 7]);
    expect([...problem.validation].map(([task, { count }]) => [task, count])).toEqual([
      ["identity", 1008],
      ["expression", 1008],
    ]);
  });

  // With fewer and smaller images than the run has; on all 6000 it is still below, as `pnpm bench:linear` prints in some
  // minutes.
  it("is not solved by a linear model on pixels", { timeout: 180_000 }, () => {
    const { train, validation } = renderedProblem({ seed: 1, samples: 70, size: 32 });
    const pixels = all(train);
    const accuracy = (task: string, classes: number): number => {
      const linear = linearBaseline(pixels, train.labels.get(task)!, classes);
      const unseen = validation.get(task)!;
      return linear.accuracy(all(unseen), unseen.labels.get(task)!);
    };
    const [identity, expression] = [accuracy("identity", 24), accuracy("expression", 7)];
    expect(identity).toBeGreaterThan(0.5); // and not hopeless either
    expect(identity).toBeLessThan(0.95);
    expect(expression).toBeGreaterThan(0.3);
    expect(expression).toBeLessThan(0.8);
  });

  it("is learnt in 60 steps: both tasks 30 points above chance", { timeout: 180_000 }, async () => {
    const strategy = dynamicDifficulty();
    const fewer = renderedProblem({ seed: 1, validationImages: 250 });
    const run = { problem: fewer, strategy, steps: 60, batchSize: 48, learningRate: 0.004, seed: 1 };
    const { scores } = await trainFaces(run);
    for (const { task, accuracy, chance } of scores) expect(accuracy - chance, task).toBeGreaterThan(0.3);
  });
});
