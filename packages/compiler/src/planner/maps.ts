import { sizeOf, stridesOf, type Shape } from "@steelyard/core";
import { axisIndex, placeOf, scaled, type Affine } from "../affine.ts";
import type { Expr, LoopKernel } from "../ir.ts";
import { ExpressionBuilder, Operands } from "./expressions.ts";
import type { Value } from "./graph.ts";
import type { PlanBuilder } from "./plan-builder.ts";
import { withOutput } from "./plan-builder.ts";
import { rowMajor } from "../view.ts";

/** Zeros around a value, so that a contraction may read beyond its edges. */
export interface Border {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** The indices of each axis of a space. */
export function axesOf(space: Shape): Affine[] {
  return space.map((_, axis) => axisIndex(axis, space.length));
}

/** Stores a value that is an expression over stored ones. With a border, zeros are stored around it. */
export function storeMap(plan: PlanBuilder, value: Value, border: Border | null): void {
  const { instruction } = value;
  const { shape } = instruction;
  const bordered = border ?? { low: shape.map(() => 0), high: shape.map(() => 0) };
  const location = storeExpression(plan, instruction.label, shape, bordered, (expressions, indices) =>
    expressions.compute(value, indices),
  );
  plan.settle(value, location);
  if (border !== null) plan.bordered.set(value, location);
}

/** A copy of a stored value (or of a view of one) with zeros around it. */
export function borderedCopy(plan: PlanBuilder, value: Value, border: Border): ReturnType<typeof storeExpression> {
  const { shape, label } = value.instruction;
  return storeExpression(plan, `pad ${label}`, shape, border, (expressions, indices) =>
    expressions.read(value, indices),
  );
}

function storeExpression(
  plan: PlanBuilder,
  name: string,
  shape: Shape,
  { low, high }: Border,
  build: (expressions: ExpressionBuilder, indices: readonly Affine[]) => Expr,
): { readonly buffer: number; readonly view: { shape: Shape; start: number; steps: readonly number[] } } {
  const space = shape.map((size, axis) => low[axis]! + size + high[axis]!);
  const operands = new Operands();
  const expressions = new ExpressionBuilder(space, operands, plan.locate);
  const inside = axesOf(space).map((index, axis) => scaled(index, 1, -low[axis]!));
  const guards = inside.map((index, axis) => ({ index, size: shape[axis]! }));
  const { dtype } = build(new ExpressionBuilder(shape, new Operands(), plan.locate), axesOf(shape));
  const expr = expressions.guarded(guards, () => build(expressions, inside), { kind: "constant", dtype, value: 0 });
  const { types, position } = withOutput(operands, dtype);
  const steps = stridesOf(space);
  const kernel: LoopKernel = {
    kind: "loop",
    name,
    space,
    reduced: [],
    accumulators: [],
    stores: [{ buffer: position, at: placeOf(axesOf(space), steps, 0, space.length), expr }],
    buffers: types,
    numbers: operands.numberTypes,
  };
  const buffer = plan.buffer(sizeOf(space), dtype);
  if (sizeOf(space) > 0) plan.run(kernel, [...operands.buffers, buffer], operands.numbers);
  return { buffer, view: { shape, start: low.reduce((sum, n, axis) => sum + n * steps[axis]!, 0), steps } };
}

/** A pad with zeros between the elements: zeros everywhere first, then the elements at their steps. */
export function storeSpread(plan: PlanBuilder, value: Value): void {
  const { shape, dtype, attrs, label } = value.instruction;
  const input = value.inputs[0]!;
  const buffer = plan.buffer(sizeOf(shape), dtype);
  plan.settle(value, { buffer, view: rowMajor(shape) });
  const zero: Expr = { kind: "constant", dtype, value: 0 };
  const rest = { kind: "loop", reduced: [], accumulators: [] } as const;
  const elements = [sizeOf(shape)];
  const zeros = [{ buffer: 0, at: axisIndex(0, 1), expr: zero }];
  if (sizeOf(shape) === 0) return;
  plan.run(
    { ...rest, name: `zeros ${label}`, space: elements, stores: zeros, buffers: [dtype], numbers: [] },
    [buffer],
    [],
  );
  const space = input.instruction.shape;
  if (sizeOf(space) === 0) return;
  const operands = new Operands();
  const expr = new ExpressionBuilder(space, operands, plan.locate).read(input, axesOf(space));
  const low = attrs["low"] as readonly number[];
  const interior = attrs["interior"] as readonly number[];
  const places = axesOf(space).map((index, axis) => scaled(index, interior[axis]! + 1, low[axis]));
  const { types, position } = withOutput(operands, dtype);
  const stores = [{ buffer: position, at: placeOf(places, stridesOf(shape), 0, space.length), expr }];
  const kernel: LoopKernel = { ...rest, name: label, space, stores, buffers: types, numbers: operands.numberTypes };
  plan.run(kernel, [...operands.buffers, buffer], operands.numbers);
}
