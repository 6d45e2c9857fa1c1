import { moveWalk } from "../interpreter/strided.ts";
import { flip } from "../ops/views.ts";
import type { Primitive } from "../primitive.ts";
import { stridesOf } from "../shape.ts";

export type FlipAttrs = { readonly axes: readonly number[] };

/** The scalars along the given axes in reverse order. */
export const flipPrimitive: Primitive<FlipAttrs> = {
  name: "flip",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  forward({ ins: [x], out, outSpec: { shape }, attrs: { axes } }) {
    const strides = stridesOf(shape);
    const start = axes.reduce((offset, axis) => offset + (shape[axis]! - 1) * strides[axis]!, 0);
    const steps = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
    moveWalk(shape, out, { start: 0, steps: strides }, x!, { start, steps });
  },
  // A flip is symmetric and its own inverse: ⟨dy, F·δx⟩ = ⟨F·dy, δx⟩
  //   ⇒  dx = flip(dy)
  vjp: (dy, { attrs: { axes } }) => [flip(dy, axes)],
  linearIn: [0],
  samples: [
    { ins: [{ shape: [5] }], attrs: { axes: [0] } },
    { ins: [{ shape: [2, 3, 2] }], attrs: { axes: [0, 2] } },
    { ins: [{ shape: [2, 0] }], attrs: { axes: [1] } },
  ],
};
