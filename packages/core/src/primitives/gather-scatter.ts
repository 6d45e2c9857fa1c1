import { dtypeError, shapeError } from "../errors.ts";
import { moveRun } from "../interpreter/moves.ts";
import { around } from "../interpreter/strided.ts";
import type { Primitive, Spec } from "../primitive.ts";
import { sameShape, showShape } from "../shape.ts";
import { apply } from "../tensor.ts";
import { requireNumbers } from "./operands.ts";

// An adjoint pair: gather reads x at the indices, scatterAdd adds to x at the indices. An index outside the axis reads
// a zero and drops what is added: the same row is missing from the matrix of one and of the other.

export type GatherAttrs = { readonly axis: number };
export type ScatterAddAttrs = { readonly axis: number; readonly size: number };

/** (x, indices) → x with `axis` replaced by the axes of indices: y[…, j…, …] = x[…, indices[j…], …]. */
export const gatherPrimitive: Primitive<GatherAttrs> = {
  name: "gather",
  infer([x, indices], { axis }) {
    checkIndices("gather", indices!);
    return { shape: x!.shape.toSpliced(axis, 1, ...indices!.shape), dtype: x!.dtype };
  },
  forward({ ins: [x, indices], out, inSpecs, attrs: { axis } }) {
    const { outer, n, inner } = around(inSpecs[0]!.shape, axis);
    const at = indices!.planes[0]!;
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < at.length; j++) {
        const i = at[j]!;
        if (i >= 0 && i < n) moveRun(out, (o * at.length + j) * inner, 1, x!, (o * n + i) * inner, 1, inner);
      }
    }
  },
  // y = G·x, where row j of G is the unit vector of indices[j]: ⟨dy, G·δx⟩ = ⟨Gᵀ·dy, δx⟩
  //   ⇒  dx = dy added up where its indices point
  vjp: (dy, { ins: [x, indices], attrs: { axis } }) => [
    apply(scatterAddPrimitive, [dy, indices!], { axis, size: x!.shape[axis]! }),
    null,
  ],
  linearIn: [0],
  samples: [
    { ins: [{ shape: [5, 2] }, { shape: [4], dtype: "i32", values: [3, 0, 3, 1] }], attrs: { axis: 0 } },
    { ins: [{ shape: [2, 3, 2] }, { shape: [2, 2], dtype: "i32", values: [2, -1, 3, 2] }], attrs: { axis: 1 } },
    { ins: [{ shape: [2, 3] }, { shape: [], dtype: "u32", values: [1] }], attrs: { axis: 1 } },
  ],
};

/** (updates, indices) → zeros of `size` along `axis`, with y[…, indices[j…], …] += updates[…, j…, …], in order of j. */
export const scatterAddPrimitive: Primitive<ScatterAddAttrs> = {
  name: "scatterAdd",
  infer([updates, indices], { axis, size }) {
    checkIndices("scatterAdd", indices!);
    requireNumbers("scatterAdd", updates!);
    const there = updates!.shape.slice(axis, axis + indices!.shape.length);
    if (!sameShape(there, indices!.shape)) {
      const needs = `updates with the axes of the indices ${showShape(indices!.shape)} from axis ${axis} on`;
      throw shapeError("scatterAdd", needs, showShape(updates!.shape));
    }
    return { shape: updates!.shape.toSpliced(axis, there.length, size), dtype: updates!.dtype };
  },
  forward({ algebra, ins: [updates, indices], out, outSpec, attrs: { axis, size } }) {
    const { outer, inner } = around(outSpec.shape, axis);
    const at = indices!.planes[0]!;
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < at.length; j++) {
        const i = at[j]!;
        if (i < 0 || i >= size) continue;
        algebra.addRun(out, (o * size + i) * inner, 1, updates!, (o * at.length + j) * inner, 1, inner);
      }
    }
  },
  // y = Gᵀ·u with the G of gather: ⟨dy, Gᵀ·δu⟩ = ⟨G·dy, δu⟩
  //   ⇒  du = dy read at the indices
  vjp: (dy, { ins: [, indices], attrs: { axis } }) => [apply(gatherPrimitive, [dy, indices!], { axis }), null],
  linearIn: [0],
  samples: [
    { ins: [{ shape: [4, 2] }, { shape: [4], dtype: "i32", values: [3, 0, 3, 1] }], attrs: { axis: 0, size: 5 } },
    {
      ins: [{ shape: [2, 2, 2, 2] }, { shape: [2, 2], dtype: "i32", values: [2, -1, 3, 2] }],
      attrs: { axis: 1, size: 3 },
    },
    { ins: [{ shape: [2] }, { shape: [], dtype: "u32", values: [1] }], attrs: { axis: 1, size: 3 } },
  ],
};

/** Refuses what cannot be an index; cast first. */
export function checkIndices(who: string, { dtype }: Spec): void {
  if (dtype === "i32" || dtype === "u32") return;
  throw dtypeError(who, "indices of dtype i32", dtype, 'cast(indices, "i32")');
}
