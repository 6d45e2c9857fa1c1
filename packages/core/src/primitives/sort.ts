import { around } from "../interpreter/strided.ts";
import type { Primitive } from "../primitive.ts";
import { requireNumbers } from "./operands.ts";

export type ArgSortAttrs = { readonly axis: number; readonly descending: boolean };

/**
 * The indices that put each line along the axis in order: stable, so the first of equals stays first, and NaN comes
 * last in both directions. Sorting is this and a gather, which is where its derivative comes from.
 */
export const argSortPrimitive: Primitive<ArgSortAttrs> = {
  name: "argSort",
  infer([x]) {
    requireNumbers("argSort", x!);
    return { shape: x!.shape, dtype: "i32" };
  },
  forward({ ins: [x], out, inSpecs, attrs: { axis, descending } }) {
    const { outer, n, inner } = around(inSpecs[0]!.shape, axis);
    const sign = descending ? -1 : 1;
    const values = x!.planes[0]!;
    const places = out.planes[0]!;
    for (let line = 0; line < outer * inner; line++) {
      const first = Math.floor(line / inner) * n * inner + (line % inner);
      const value = (i: number): number => values[first + i * inner]!;
      const isNaN = (i: number): number => Number(Number.isNaN(value(i)));
      // ∞ − ∞ is NaN, which is falsy like a difference of 0: equals.
      const order = Array.from({ length: n }, (_, i) => i).toSorted(
        (a, b) => isNaN(a) - isNaN(b) || sign * (value(a) - value(b)) || a - b,
      );
      order.forEach((index, i) => (places[first + i * inner] = index));
    }
  },
  // Piecewise constant: no derivative.
  vjp: () => [null],
  samples: [
    { ins: [{ shape: [5] }], attrs: { axis: 0, descending: false } },
    { ins: [{ shape: [2, 4, 2] }], attrs: { axis: 1, descending: true } },
    { ins: [{ shape: [6], dtype: "i32", values: [2, 1, 2, 0, 1, 2] }], attrs: { axis: 0, descending: true } },
  ],
};
