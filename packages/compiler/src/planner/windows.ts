import { sizeOf } from "@steelyard/core";
import { rowMajor } from "../view.ts";
import { lowerWindow } from "../windows/lower.ts";
import type { Value } from "./graph.ts";
import { runSteps } from "./lowered-steps.ts";
import type { PlanBuilder } from "./plan-builder.ts";
import { operandOf } from "./views.ts";

/** Stores what a sum, maximum or spread over windows gives. */
export function storeWindow(plan: PlanBuilder, value: Value): void {
  const { instruction } = value;
  const { shape, dtype } = instruction;
  const operands = value.inputs.map((input) => operandOf(input, plan.locate));
  const out = rowMajor(shape);
  const lowered = lowerWindow(
    instruction,
    operands.map(({ view }) => view),
    value.inputs.map((input) => input.instruction.dtype),
    out,
  );
  const buffer = plan.buffer(sizeOf(shape), dtype);
  const ins = operands.map((operand) => operand.buffer);
  runSteps(plan, lowered, { ins, companions: [], out: buffer, numbers: [] });
  plan.settle(value, { buffer, view: out });
}
