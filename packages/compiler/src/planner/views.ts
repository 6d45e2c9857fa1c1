import { invariant, stridesOf, type Shape } from "@steelyard/core";
import { axisIndex, constantIndex, placeOf, scaled, type Affine } from "../affine.ts";
import type { Location } from "./expressions.ts";
import type { Value } from "./graph.ts";
import { indicesBefore } from "./reshape-indices.ts";
import type { View } from "../view.ts";

export function isDense({ shape, start, steps }: View): boolean {
  return start === 0 && stridesOf(shape).every((step, axis) => shape[axis]! <= 1 || step === steps[axis]);
}

/** Where a view's element [indices] lies in its input: the indices there; null when they are no affine functions. */
export function indicesBehind(view: Value, indices: readonly Affine[], rank: number): readonly Affine[] | null {
  const { primitive, attrs, shape } = view.instruction;
  const from = view.inputs[0]!.instruction.shape;
  switch (primitive!.name) {
    case "barrier":
      return indices;
    case "reshape":
      return indicesBefore(from, shape, indices, rank);
    case "permute": {
      const permutation = attrs["permutation"] as readonly number[];
      return from.map((_, axis) => indices[permutation.indexOf(axis)]!);
    }
    case "slice": {
      const starts = attrs["starts"] as readonly number[];
      const steps = attrs["steps"] as readonly number[];
      return indices.map((index, axis) => scaled(index, steps[axis]!, starts[axis]));
    }
    case "flip": {
      const axes = attrs["axes"] as readonly number[];
      return indices.map((index, axis) => (axes.includes(axis) ? scaled(index, -1, from[axis]! - 1) : index));
    }
    default: {
      // A broadcast: new axes in front, stretched ones stand still.
      const missing = shape.length - from.length;
      return from.map((size, axis) => (size === 1 ? constantIndex(0, rank) : indices[missing + axis]!));
    }
  }
}

/**
 * A value as the elements of a stored one at constant steps. `layoutOf` tells where the stored ones lie.
 * Null when something between is not a view.
 */
export function viewOf(
  value: Value,
  layoutOf: (stored: Value) => View | null,
): { readonly base: Value; readonly view: View } | null {
  const { shape } = value.instruction;
  const rank = shape.length;
  let at = value;
  let indices: readonly Affine[] = shape.map((_, axis) => axisIndex(axis, rank));
  for (;;) {
    const layout = layoutOf(at);
    if (layout !== null) {
      const place = placeOf(indices, layout.steps, layout.start, rank);
      return { base: at, view: { shape, start: place.constant, steps: place.coefficients } };
    }
    if (at.kind !== "view") return null;
    const behind = indicesBehind(at, indices, rank);
    if (behind === null) return mergedView(at, indices, rank, shape, layoutOf);
    indices = behind;
    at = at.inputs[0]!;
  }
}

/** Behind a reshape that merges axes, elements can be counted only where they lie in order. */
function mergedView(
  at: Value,
  indices: readonly Affine[],
  rank: number,
  shape: Shape,
  layoutOf: (stored: Value) => View | null,
): { readonly base: Value; readonly view: View } | null {
  const base = at.inputs[0]!;
  const layout = layoutOf(base);
  if (layout === null || !isDense(layout)) return null;
  const place = placeOf(indices, stridesOf(at.instruction.shape), 0, rank);
  return { base, view: { shape, start: place.constant, steps: place.coefficients } };
}

/** Where an operand lies that is read in place: itself stored, or a view of something stored. */
export function operandOf(operand: Value, locate: (value: Value) => Location | null): Location {
  const found = viewOf(operand, (stored) => locate(stored)?.view ?? null);
  invariant(found !== null, `${operand.instruction.label} is read in place`);
  return { buffer: locate(found.base)!.buffer, view: found.view };
}
