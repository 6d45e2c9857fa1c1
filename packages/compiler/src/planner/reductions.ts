import { invariant, sizeOf, stridesOf, type DType, type Shape } from "@steelyard/core";
import { placeOf, plus, scaled, type Affine } from "../affine.ts";
import type { Accumulator, Expr, LoopKernel } from "../ir.ts";
import { ExpressionBuilder, Operands } from "./expressions.ts";
import type { Value } from "./graph.ts";
import { axesOf } from "./maps.ts";
import { withOutput, type PlanBuilder } from "./plan-builder.ts";
import { indicesBefore } from "./reshape-indices.ts";
import { rowMajor } from "../view.ts";

/** Shared by two kernels of a split reduction: so many threads find work, and partial sums stay small and exact. */
const parts = { least: 16, most: 128 };
/** A part of fewer elements than this would be hardly more than a copy. */
const shortest = 16;
/** Reductions of fewer elements than this, all results together, are left whole. */
const worthSplitting = 65_536;
/** With so many results there is work for all threads anyway. */
const plentyOfResults = 1024;

/**
 * Stores what a reduction gives; or, when an epilogue is fused, the value that is all that is made of it.
 */
export function storeReduction(plan: PlanBuilder, reduction: Value, target: Value): void {
  const { attrs, primitive, dtype } = reduction.instruction;
  const input = reduction.inputs[0]!;
  const { shape } = input.instruction;
  const axes = (attrs["axes"] as readonly number[] | undefined) ?? [attrs["axis"] as number];
  const kept = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const space = kept.map((axis) => shape[axis]!);
  const reduced = axes.map((axis) => shape[axis]!);
  const op = primitive!.name;
  // A choice names a place among all elements, which a part does not know.
  const pieces = op === "argmax" ? [] : piecesOf(space, reduced);
  const from = (indices: readonly Affine[]): Affine[] =>
    shape.map((_, axis) => {
      const at = kept.indexOf(axis);
      return at >= 0 ? indices[at]! : indices[space.length + axes.indexOf(axis)]!;
    });
  const source: Source = {
    op,
    // f16 is storage: its sums are taken in f32.
    dtype: op === "argmax" ? input.instruction.dtype : dtype === "f16" ? "f32" : dtype,
    attrs,
    read: (expressions, indices) => inF32(expressions.read(input, from(indices))),
    index: (indices) => indices[space.length]!,
  };
  if (pieces.length === 0) return finish(plan, reduction, target, space, reduced, source);
  const count = pieces.reduce((sum, { outer }) => sum + sizeOf(outer), 0);
  const buffer = plan.buffer(count * sizeOf(space), source.dtype);
  pieces.reduce((first, piece) => storePartials(plan, reduction, space, piece, source, { buffer, first }), 0);
  const steps = stridesOf([count, ...space]);
  finish(plan, reduction, target, space, [count], {
    ...source,
    read: (expressions, indices) => {
      const places = [indices[space.length]!, ...indices.slice(0, space.length)];
      return expressions.load(buffer, source.dtype, placeOf(places, steps, 0, indices.length));
    },
  });
}

function inF32(value: Expr): Expr {
  return value.dtype === "f16" ? { kind: "cast", dtype: "f32", value } : value;
}

/** What is reduced, given the indices of [space…, reduced…]. */
interface Source {
  readonly op: string;
  readonly dtype: DType;
  readonly attrs: Value["instruction"]["attrs"];
  readonly read: (expressions: ExpressionBuilder, indices: readonly Affine[]) => Expr;
  readonly index: (indices: readonly Affine[]) => Affine;
}

function accumulatorOf({ op, dtype, attrs, read, index }: Source, expressions: ExpressionBuilder): Accumulator {
  const indices = axesOf(expressions.space);
  const expr = read(expressions, indices);
  if (op === "sum" || op === "prod" || op === "max" || op === "min") return { op, dtype, expr };
  invariant(op === "argmax", `${op} is no reduction`);
  const value: Expr = { kind: "index", dtype: "i32", index: index(indices) };
  return { op: "choose", dtype: "i32", expr, least: attrs["least"] === true, value };
}

function finish(
  plan: PlanBuilder,
  reduction: Value,
  target: Value,
  space: Shape,
  reduced: Shape,
  source: Source,
): void {
  const operands = new Operands();
  const accumulator = accumulatorOf(source, new ExpressionBuilder([...space, ...reduced], operands, plan.locate));
  const { dtype, shape, label } = target.instruction;
  const epilogue = new ExpressionBuilder(space, operands, plan.locate, new Map([[reduction, 0]]));
  const indices = indicesBefore(shape, space, axesOf(space), space.length);
  invariant(target === reduction || indices !== null, "an epilogue has the elements of the reduction, in order");
  const result: Expr = { kind: "accumulator", dtype: accumulator.dtype, position: 0 };
  const whole: Expr = dtype === "f16" ? { kind: "cast", dtype, value: result } : result;
  const expr = target === reduction ? whole : epilogue.compute(target, indices!);
  const { types, position } = withOutput(operands, dtype);
  const kernel: LoopKernel = {
    kind: "loop",
    name: target === reduction ? label : `${reduction.instruction.label} + ${label}`,
    space,
    reduced,
    accumulators: [accumulator],
    stores: [{ buffer: position, at: placeOf(axesOf(space), stridesOf(space), 0, space.length), expr }],
    buffers: types,
    numbers: operands.numberTypes,
  };
  const buffer = plan.buffer(sizeOf(space), dtype);
  plan.settle(target, { buffer, view: rowMajor(shape) });
  if (sizeOf(space) > 0) plan.run(kernel, [...operands.buffers, buffer], operands.numbers);
}

/** Reduces the parts of a piece on their own, into the buffer from part `first` on: [parts…, space]. The part after them. */
function storePartials(
  plan: PlanBuilder,
  reduction: Value,
  space: Shape,
  { outer, inner, indexOf }: Piece,
  source: Source,
  { buffer, first }: { readonly buffer: number; readonly first: number },
): number {
  const operands = new Operands();
  const partialSpace = [...outer, ...space];
  const expressions = new ExpressionBuilder([...partialSpace, ...inner], operands, plan.locate);
  const all = axesOf(expressions.space);
  const spaceIndices = all.slice(outer.length, partialSpace.length);
  const reducedIndices = indexOf(all.slice(0, outer.length), all.slice(partialSpace.length));
  const expr = source.read(expressions, [...spaceIndices, ...reducedIndices]);
  const { dtype } = source;
  const { types, position } = withOutput(operands, dtype);
  const places = axesOf(partialSpace);
  const kernel: LoopKernel = {
    kind: "loop",
    name: `parts of ${reduction.instruction.label}`,
    space: partialSpace,
    reduced: inner,
    accumulators: [{ op: source.op as "sum", dtype, expr }],
    stores: [
      {
        buffer: position,
        at: placeOf(places, stridesOf(partialSpace), first * sizeOf(space), places.length),
        expr: { kind: "accumulator", dtype, position: 0 },
      },
    ],
    buffers: types,
    numbers: operands.numberTypes,
  };
  plan.run(kernel, [...operands.buffers, buffer], operands.numbers);
  return first + sizeOf(outer);
}

/** Parts of a reduction that are equally large: [parts…] of them, each over [inner…]. */
interface Piece {
  readonly outer: readonly number[];
  readonly inner: readonly number[];
  /** The indices of the reduced axes, given those of the parts and those inside a part. */
  readonly indexOf: (outer: readonly Affine[], inner: readonly Affine[]) => Affine[];
}

/**
 * How a reduction is cut, a function of shapes alone, so that bits never depend on threads: whole axes from the outside
 * until there are enough parts, and the next one in as many as are missing. None: it is left whole.
 */
export function piecesOf(space: Shape, reduced: Shape): readonly Piece[] {
  const [results, each] = [sizeOf(space), sizeOf(reduced)];
  if (results * each < worthSplitting || results > plentyOfResults || each < parts.least * shortest) return [];
  let whole = 0;
  let count = 1;
  while (whole < reduced.length && count * reduced[whole]! <= parts.least) count *= reduced[whole++]!;
  const piece = (factor: number, size: number, start: number): Piece => ({
    outer: [...reduced.slice(0, whole), factor],
    inner: [size, ...reduced.slice(whole + 1)],
    indexOf: (outer, inner) => {
      const split = scaled(plus(scaled(outer[whole]!, size), inner[0]!), 1, start);
      return [...outer.slice(0, whole), split, ...inner.slice(1)].slice(0, reduced.length);
    },
  });
  const size = reduced[whole] ?? 1;
  const most = Math.min(parts.most, Math.floor(each / shortest));
  const factor = partsOfAxis(size, Math.ceil(parts.least / count), Math.floor(most / count));
  const even = Math.floor(size / factor);
  const rest = size % factor;
  return rest === 0 ? [piece(factor, even, 0)] : [piece(factor, even, 0), piece(1, rest, size - rest)];
}

/** Into how many parts an axis is cut: the smallest divisor of its size in least … most, or `least` and a rest. */
function partsOfAxis(size: number, least: number, most: number): number {
  for (let factor = least; factor <= Math.min(most, size); factor++) if (size % factor === 0) return factor;
  return Math.min(least, size);
}
