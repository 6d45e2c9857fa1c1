import { sizeOf } from "@steelyard/core";
import { input, out as output } from "../lowered.ts";
import { lowerOrder } from "../orders/lower.ts";
import { rowMajor } from "../view.ts";
import type { Value } from "./graph.ts";
import { runSteps } from "./lowered-steps.ts";
import type { PlanBuilder } from "./plan-builder.ts";
import { operandOf } from "./views.ts";

/** Stores what sorting, running sums or additions at indices give. */
export function storeOrder(plan: PlanBuilder, value: Value): void {
  const { shape, dtype } = value.instruction;
  const operands = value.inputs.map((each) => operandOf(each, plan.locate));
  const ins = operands.map(({ view }, i) => ({
    operand: input(i),
    view,
    dtype: value.inputs[i]!.instruction.dtype,
  }));
  const view = rowMajor(shape);
  const lowered = lowerOrder(value.instruction, ins, { operand: output, view, dtype }, plan.target.hostStalls);
  const buffer = plan.buffer(sizeOf(shape), dtype);
  runSteps(plan, lowered, { ins: operands.map((each) => each.buffer), companions: [], out: buffer, numbers: [] });
  plan.settle(value, { buffer, view });
}
