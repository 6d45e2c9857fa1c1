import { dtypeError, invariant, shapeError } from "../errors.ts";
import { forEachRun, moveWalk, stretchedStrides } from "../interpreter/strided.ts";
import { sum } from "../ops/reductions.ts";
import { broadcastTo, reshape } from "../ops/views.ts";
import type { Primitive } from "../primitive.ts";
import { showShape, stridesOf, type Shape } from "../shape.ts";

// An adjoint pair: broadcast reads one scalar many times, sum adds to one scalar many times. In the loops below it is
// one walk with steps of zero, on the side that is read or on the side that is written.

export type BroadcastAttrs = { readonly shape: Shape };
export type SumAttrs = { readonly axes: readonly number[] };

/** Stretches axes of size 1 and adds axes in front, under NumPy's rule. */
export const broadcastPrimitive: Primitive<BroadcastAttrs> = {
  name: "broadcast",
  infer([x], { shape }) {
    const missing = shape.length - x!.shape.length;
    if (missing < 0 || x!.shape.some((size, i) => size !== 1 && size !== shape[missing + i])) {
      const needs = `a shape that stretches to ${showShape(shape)}`;
      throw shapeError("broadcastTo", needs, showShape(x!.shape), "sizes must be equal or 1, counted from the right");
    }
    return { shape, dtype: x!.dtype };
  },
  forward({ ins: [x], out, inSpecs, outSpec: { shape } }) {
    const from = { start: 0, steps: stretchedStrides(inSpecs[0]!.shape, shape) };
    moveWalk(shape, out, { start: 0, steps: stridesOf(shape) }, x!, from);
  },
  // Each x is read once for every place it stretches to: ⟨dy, B·δx⟩ = Σ_x δx · (Σ of dy over those places)
  //   ⇒  dx = dy summed over the axes that were stretched
  vjp(dy, { ins: [x], out }) {
    const missing = out.rank - x!.rank;
    const stretched = out.shape.flatMap((size, i) => (i < missing || size !== x!.shape[i - missing] ? [i] : []));
    return [reshape(sum(dy, stretched), x!.shape)];
  },
  linearIn: [0],
  samples: [
    { ins: [{ shape: [3] }], attrs: { shape: [2, 3] } },
    { ins: [{ shape: [2, 1, 3, 1] }], attrs: { shape: [2, 4, 3, 2] } },
    { ins: [{ shape: [] }], attrs: { shape: [2, 2] } },
    { ins: [{ shape: [1, 2] }], attrs: { shape: [0, 2] } },
  ],
};

/** Adds up along the given axes and drops them. An empty sum is 0. */
export const sumPrimitive: Primitive<SumAttrs> = {
  name: "sum",
  infer([x], { axes }) {
    if (x!.dtype === "bool") throw dtypeError("sum", "numbers", "bool", 'cast first: cast(x, "i32") counts');
    invariant(
      axes.every((axis, i) => axis > (axes[i - 1] ?? -1) && axis < x!.shape.length),
      "sum needs sorted axes",
    );
    return { shape: x!.shape.filter((_, axis) => !axes.includes(axis)), dtype: x!.dtype };
  },
  forward({ algebra, ins: [x], out, inSpecs, attrs: { axes } }) {
    const shape = inSpecs[0]!.shape;
    const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const to = { start: 0, steps: stretchedStrides(kept, shape) };
    forEachRun(shape, to, { start: 0, steps: stridesOf(shape) }, (oo, os, xo, xs, count) =>
      algebra.addRun(out, oo, os, x!, xo, xs, count),
    );
  },
  // Each x adds to exactly one y: ⟨dy, Σδx⟩ = Σ_x δx · dy at the place x was added to
  //   ⇒  dx = dy stretched back along the axes
  vjp(dy, { ins: [x], attrs: { axes } }) {
    const kept = x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return [broadcastTo(reshape(dy, kept), x!.shape)];
  },
  linearIn: [0],
  samples: [
    { ins: [{ shape: [5] }], attrs: { axes: [0] } },
    { ins: [{ shape: [2, 3, 4] }], attrs: { axes: [0, 2] } },
    { ins: [{ shape: [2, 3, 4] }], attrs: { axes: [1] } },
    { ins: [{ shape: [0, 2] }], attrs: { axes: [0] } },
  ],
};
