import { keyOf } from "../expression.ts";
import type { Lowered, Operand, Step } from "../lowered.ts";
import type { PlanBuilder } from "./plan-builder.ts";

/** What the operands of lowered steps are bound to: buffers of the plan. */
export interface Bound {
  readonly ins: readonly number[];
  readonly companions: readonly number[];
  readonly out: number;
  /** The program's slots of the epilogue's numbers. */
  readonly numbers: readonly number[];
}

/**
 * Adds the steps to the plan. What is only a copy of an input, such as the panels of a filter, is made once for all who
 * ask for the same.
 */
export function runSteps(
  plan: PlanBuilder,
  { steps, scratch }: Lowered,
  { ins, companions, out, numbers }: Bound,
): void {
  const keys = scratch.map((_, position) => copyKey(steps, position, ins));
  const known = keys.map((key) => (key === null ? undefined : plan.copies.get(key)));
  const own = scratch.map(({ elements, dtype }, position) => known[position] ?? plan.buffer(elements, dtype));
  keys.forEach((key, position) => {
    if (key !== null) plan.copies.set(key, own[position]!);
  });
  const bufferOf = (operand: Operand): number => {
    if (operand.kind === "out") return out;
    return { in: ins, companion: companions, scratch: own }[operand.kind][operand.position]!;
  };
  for (const step of steps) {
    const made = madeBy(step);
    if (made !== null && known[made] !== undefined) continue;
    plan.run(step.kernel, step.operands.map(bufferOf), step.kernel.numbers.length > 0 ? numbers : [], step.offsets);
  }
}

/** What a scratch holds, if it is nothing but a copy of inputs: all the steps that write it. Null if it is more. */
function copyKey(steps: readonly Step[], position: number, ins: readonly number[]): string | null {
  const writers = steps.filter((step) => madeBy(step) === position);
  const isCopy = writers.every(({ kernel, operands, offsets }) => {
    const sources = operands.slice(0, -1);
    const isMap = kernel.kind === "loop" && kernel.reduced.length === 0;
    // What is at hand for a part of the input is gone when the next part comes.
    return isMap && offsets === undefined && sources.every(({ kind }) => kind === "in");
  });
  if (writers.length === 0 || !isCopy) return null;
  return writers
    .map(({ kernel, operands }) => {
      const sources = operands.map((operand) => (operand.kind === "in" ? ins[operand.position] : ""));
      return `${keyOf(kernel)} ${sources.join()}`;
    })
    .join("\n");
}

/** The scratch that a step writes: what is written comes last. */
function madeBy({ operands }: Step): number | null {
  const last = operands.at(-1)!;
  return last.kind === "scratch" ? last.position : null;
}
