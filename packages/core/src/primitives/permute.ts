import { valueError } from "../errors.ts";
import { moveWalk } from "../interpreter/strided.ts";
import { transpose } from "../ops/views.ts";
import type { Primitive } from "../primitive.ts";
import { showShape, stridesOf } from "../shape.ts";

export type PermuteAttrs = { readonly permutation: readonly number[] };

/** Axis i of the output is axis permutation[i] of the input. */
export const permutePrimitive: Primitive<PermuteAttrs> = {
  name: "permute",
  infer([x], { permutation }) {
    const sorted = permutation.toSorted((a, b) => a - b);
    if (permutation.length !== x!.shape.length || sorted.some((axis, i) => axis !== i)) {
      throw valueError("transpose", `every axis of ${showShape(x!.shape)} once`, showShape(permutation));
    }
    return { shape: permutation.map((axis) => x!.shape[axis]!), dtype: x!.dtype };
  },
  forward({ ins: [x], out, inSpecs, outSpec, attrs: { permutation } }) {
    const strides = stridesOf(inSpecs[0]!.shape);
    const from = { start: 0, steps: permutation.map((axis) => strides[axis]!) };
    moveWalk(outSpec.shape, out, { start: 0, steps: stridesOf(outSpec.shape) }, x!, from);
  },
  // A permutation matrix P is orthogonal: ⟨dy, P·δx⟩ = ⟨Pᵀ·dy, δx⟩ and Pᵀ = P⁻¹
  //   ⇒  dx = the axes of dy put back
  vjp: (dy, { attrs: { permutation } }) => [transpose(dy, inverse(permutation))],
  linearIn: [0],
  samples: [
    { ins: [{ shape: [2, 3] }], attrs: { permutation: [1, 0] } },
    { ins: [{ shape: [2, 3, 1, 4] }], attrs: { permutation: [3, 0, 2, 1] } },
    { ins: [{ shape: [] }], attrs: { permutation: [] } },
  ],
};

function inverse(permutation: readonly number[]): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}
