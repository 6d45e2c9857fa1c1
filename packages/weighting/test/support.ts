import process from "node:process";
import { tensor, type Tensor } from "@steelyard/core";
import type { StepRecord, WeighedStep, WeighStep, WeightUnit } from "../src/index.ts";
import { Variable } from "@steelyard/core";

/** Runs and seed of a property; see the house rules for STEELYARD_FUZZ and STEELYARD_SEED. */
export function fuzz(runs: number): { numRuns: number; seed?: number } {
  const { STEELYARD_FUZZ: length, STEELYARD_SEED: seed } = process.env;
  const numRuns = length === "long" ? runs * 20 : runs;
  return seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) };
}

export const f64 = (values: readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(values, { dtype: "f64" });

/** Numbers of a tensor, whatever its dtype. */
export async function numbers(x: Tensor): Promise<number[]> {
  return [...(await x.data())].map(Number);
}

/** A step as a strategy sees it, with losses given and weights that are a function of something. */
export function stepWith(losses: Tensor, weights: Tensor, parts: Partial<WeighStep> = {}): WeighedStep {
  const tasks = Array.from({ length: losses.size }, (_, i) => ({ name: `task ${i}` }));
  return { taskCount: losses.size, tasks, iteration: 0, epoch: 0, key: [0, 0], losses, features: losses, ...parts, weights }; // prettier-ignore
}

/** A weight unit that is never asked for its parameters. */
export function unitOf(taskCount: number, firstLosses: readonly number[] = Array(taskCount).fill(0)): WeightUnit {
  return { weight: new Variable([0]), bias: new Variable([0]), firstLosses };
}

/** Σ w_i·L_i over the numbers of a record. */
export function totalOf({ weights, losses }: StepRecord): number {
  return weights.reduce((sum, weight, i) => sum + weight * losses[i]!, 0);
}

/** The bounds of weights from l2-normalised logits, as method.md states them. */
export function bounds(taskCount: number, scale = 1): { low: number; high: number } {
  const T = taskCount;
  const own = scale * Math.sqrt((T - 1) / T);
  const other = scale / Math.sqrt(T * (T - 1));
  return {
    high: Math.exp(own) / (Math.exp(own) + (T - 1) * Math.exp(-other)),
    low: Math.exp(-own) / (Math.exp(-own) + (T - 1) * Math.exp(other)),
  };
}
