import { shapeError } from "../errors.ts";
import { moveRun } from "../interpreter/moves.ts";
import { reshape } from "../ops/views.ts";
import type { Primitive } from "../primitive.ts";
import { showShape, sizeOf, type Shape } from "../shape.ts";

export type ReshapeAttrs = { readonly shape: Shape };

/** The same values in the same row-major order under another shape. */
export const reshapePrimitive: Primitive<ReshapeAttrs> = {
  name: "reshape",
  infer([x], { shape }) {
    if (sizeOf(shape) !== sizeOf(x!.shape)) {
      const needs = `a shape of ${sizeOf(x!.shape)} elements for ${showShape(x!.shape)}`;
      throw shapeError("reshape", needs, showShape(shape), "one size may be -1: it is worked out from the others");
    }
    return { shape, dtype: x!.dtype };
  },
  forward({ ins: [x], out }) {
    moveRun(out, 0, 1, x!, 0, 1, out.length);
  },
  // No value moves, so ⟨dy, reshape(δx)⟩ = ⟨reshape back(dy), δx⟩
  //   ⇒  dx = dy in the shape of x
  vjp: (dy, { ins: [x] }) => [reshape(dy, x!.shape)],
  linearIn: [0],
  samples: [
    { ins: [{ shape: [2, 3] }], attrs: { shape: [3, 2] } },
    { ins: [{ shape: [1] }], attrs: { shape: [] } },
    { ins: [{ shape: [2, 0, 3] }], attrs: { shape: [0, 5] } },
  ],
};
