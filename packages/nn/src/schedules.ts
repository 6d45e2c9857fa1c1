import { valueError } from "@steelyard/core";

/** A learning rate for each step, counted from 0: `optimiser.learningRate = schedule(step)`. */
export type Schedule = (step: number) => number;

/**
 * Constant pieces: each `[from, rate]` holds from its step until the next one begins.
 *
 * @throws ValueError unless the steps start at 0 and grow
 * @example piecewise([[0, 0.1], [60_000, 0.01], [80_000, 0.001]])(70_000) // 0.01
 */
export function piecewise(pieces: readonly (readonly [from: number, rate: number])[]): Schedule {
  const starts = pieces.map(([from]) => from);
  if (starts[0] !== 0 || starts.some((from, i) => i > 0 && !(from > starts[i - 1]!))) {
    throw valueError("piecewise", "steps that start at 0 and grow", `[${starts.join(", ")}]`);
  }
  return (step) => pieces.findLast(([from]) => from <= step)?.[1] ?? pieces[0]![1];
}
