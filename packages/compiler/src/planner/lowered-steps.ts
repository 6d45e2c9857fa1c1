import { keyOf } from "../expression.ts";
import type { Lowered, Step } from "../lowered.ts";
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
  const own = new Map<number, number>();
  const bufferOf = ({ kind, position }: { kind: string; position: number }): number => {
    if (kind === "in") return ins[position]!;
    if (kind === "companion") return companions[position]!;
    if (kind === "out") return out;
    let buffer = own.get(position);
    if (buffer === undefined)
      own.set(position, (buffer = plan.buffer(scratch[position]!.elements, scratch[position]!.dtype)));
    return buffer;
  };
  for (const step of steps) {
    const made = copyMade(step);
    const key = made === null ? "" : `${keyOf(step.kernel)} ${ins.join()}`;
    const known = made === null ? undefined : plan.copies.get(key);
    if (known !== undefined) {
      own.set(made!, known);
      continue;
    }
    const buffers = step.operands.map((operand) => bufferOf({ position: -1, ...operand }));
    plan.run(step.kernel, buffers, step.kernel.numbers.length > 0 ? numbers : []);
    if (made !== null) plan.copies.set(key, own.get(made)!);
  }
}

/** The scratch that a step makes of inputs alone; null if it does anything else. */
function copyMade({ kernel, operands }: Step): number | null {
  const made = operands.at(-1);
  if (kernel.kind !== "loop" || kernel.reduced.length > 0 || made?.kind !== "scratch") return null;
  return operands.slice(0, -1).every(({ kind }) => kind === "in") ? made.position : null;
}
