import { sizeOf, stridesOf } from "@steelyard/core";
import { placeOf } from "../affine.ts";
import type { LoopKernel } from "../ir.ts";
import { rowMajor } from "../view.ts";
import { ExpressionBuilder, Operands } from "./expressions.ts";
import type { Value } from "./graph.ts";
import { axesOf } from "./maps.ts";
import { withOutput, type PlanBuilder } from "./plan-builder.ts";

/**
 * Stores many values one behind the other, each by itself: as one expression, every element would ask of every part
 * whether it lies in it. Parts of one shape are one kernel, as where they go is an offset of its output.
 */
export function storeConcat(plan: PlanBuilder, value: Value): void {
  const { shape, dtype, attrs, label } = value.instruction;
  const axis = attrs["axis"] as number;
  const steps = stridesOf(shape);
  const buffer = plan.buffer(sizeOf(shape), dtype);
  plan.settle(value, { buffer, view: rowMajor(shape) });
  let start = 0;
  for (const part of value.inputs) {
    const space = part.instruction.shape;
    const operands = new Operands();
    const expr = new ExpressionBuilder(space, operands, plan.locate).read(part, axesOf(space));
    const { types, position } = withOutput(operands, dtype);
    const kernel: LoopKernel = {
      kind: "loop",
      name: `part of ${label}`,
      space,
      reduced: [],
      accumulators: [],
      stores: [{ buffer: position, at: placeOf(axesOf(space), steps, 0, space.length), expr }],
      buffers: types,
      numbers: operands.numberTypes,
    };
    const offsets = [...operands.buffers.map(() => 0), start * steps[axis]!];
    if (sizeOf(space) > 0) plan.run(kernel, [...operands.buffers, buffer], operands.numbers, offsets);
    start += space[axis]!;
  }
}
