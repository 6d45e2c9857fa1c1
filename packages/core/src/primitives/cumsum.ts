import { around, forEachRun, moveWalk, type Walk } from "../interpreter/strided.ts";
import type { Primitive } from "../primitive.ts";
import { apply } from "../tensor.ts";
import { requireNumbers } from "./operands.ts";

/** `exclusive` leaves each scalar out of its own sum; `reverse` sums from the end. */
export type CumsumAttrs = { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean };

/** y_i = Σ x_j over j ≤ i (exclusive: j < i; reverse: j ≥ i, or j > i). */
export const cumsumPrimitive: Primitive<CumsumAttrs> = {
  name: "cumsum",
  infer([x]) {
    requireNumbers("cumsum", x!);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  forward({ algebra, ins: [x], out, inSpecs, attrs: { axis, exclusive, reverse } }) {
    const { outer, n, inner } = around(inSpecs[0]!.shape, axis);
    // All lines take their p-th step together, so that runs are long whichever axis it is.
    const lines = [outer, inner];
    const step = (p: number): Walk => ({ start: (reverse ? n - 1 - p : p) * inner, steps: [n * inner, 1] });
    for (let p = 0; p < n; p++) {
      if (p > 0) moveWalk(lines, out, step(p), out, step(p - 1));
      const source = exclusive ? p - 1 : p;
      if (source < 0) continue;
      forEachRun(lines, step(p), step(source), (oo, os, xo, xs, count) =>
        algebra.addRun(out, oo, os, x!, xo, xs, count),
      );
    }
  },
  // Each x_j is in the sums y_i with i ≥ j: ⟨dy, δy⟩ = Σ_j δx_j · Σ_{i ≥ j} dy_i
  //   ⇒  dx = the same sums of dy from the other end
  vjp: (dy, { attrs }) => [apply(cumsumPrimitive, [dy], { ...attrs, reverse: !attrs.reverse })],
  linearIn: [0],
  samples: [
    { ins: [{ shape: [5] }], attrs: { axis: 0, exclusive: false, reverse: false } },
    { ins: [{ shape: [2, 3, 2] }], attrs: { axis: 1, exclusive: true, reverse: false } },
    { ins: [{ shape: [3, 4] }], attrs: { axis: 1, exclusive: true, reverse: true } },
    { ins: [{ shape: [2, 0] }], attrs: { axis: 1, exclusive: false, reverse: true } },
  ],
};
