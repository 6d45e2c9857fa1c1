import { mul, square, sub, tensor, Variable } from "@steelyard/core";
import { sgd } from "@steelyard/nn";
import { describe, expect, it } from "vitest";
import { dynamicDifficulty, multiTaskStep, naiveDynamic, weighter, type StepRecord, type Strategy } from "../src/index.ts"; // prettier-ignore

/**
 * Two tasks that share nothing but the weights: task 1 starts hard and is learnt fast, task 2 starts easier and is learnt
 * slowly, so their losses cross.
 */
async function run(strategy: Strategy, steps: number): Promise<StepRecord[]> {
  const p = new Variable([2.2, 0.9], { name: "p" });
  const optimiser = sgd([p], { learningRate: 0.02 });
  const balance = weighter(strategy, { tasks: ["fast", "slow"], featureShape: [3] });
  const features = tensor([[1, 0.5, -1], [0.2, 1, 0.3]]); // prettier-ignore
  const records: StepRecord[] = [];
  for (let i = 0; i < steps; i++) {
    const losses = mul(square(sub(p, 0)), tensor([1, 0.5]));
    records.push(await multiTaskStep({ weighter: balance, optimiser, losses, features }));
  }
  return records;
}

const leads = ({ weights }: StepRecord): boolean => weights[0]! > weights[1]!;
const isHarder = ({ losses }: StepRecord): boolean => losses[0]! > losses[1]!;

describe("hard tasks lead", () => {
  it("weights hand over after the losses have crossed, with a lag, from clamp to clamp", async () => {
    const records = await run(dynamicDifficulty(), 400);
    const crossing = records.findIndex((record) => !isHarder(record));
    const handOver = records.findIndex((record, i) => i > crossing && !leads(record));
    const first = records.findIndex((record) => record.weights[0]! > 0.79);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(first).toBeLessThan(crossing);
    expect(crossing).toBeGreaterThan(0);
    expect(leads(records[crossing]!)).toBe(true);
    expect(handOver).toBeGreaterThan(crossing);
    expect(Math.max(...records.slice(handOver).map(({ weights }) => weights[1]!))).toBeGreaterThan(0.79);
  });

  it("the naive baseline stays with the easy task instead", async () => {
    const records = await run(naiveDynamic(), 60);
    expect(records.every(isHarder)).toBe(true);
    expect(records.at(-1)!.weights[1]).toBeGreaterThan(0.79);
  });
});
