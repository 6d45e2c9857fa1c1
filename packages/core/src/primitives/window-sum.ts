import { shapeError } from "../errors.ts";
import type { Primitive } from "../primitive.ts";
import { sameShape, showShape } from "../shape.ts";
import { apply } from "../tensor.ts";
import { commonFloat } from "./operands.ts";
import { forEachPair, poolGeometry, type PoolAttrs, type PoolGeometry } from "./pool-geometry.ts";

export type WindowSpreadAttrs = PoolAttrs & { readonly inputSpatial: readonly number[] };

// For the samples of both: windows that tile an axis, and two axes with everything uneven.
const pairs: PoolAttrs = { window: [2], stride: [2], padding: [[0, 0]] };
// prettier-ignore
const uneven: PoolAttrs = { window: [3, 2], stride: [2, 1], padding: [[1, 0], [0, 1]] };

/** y[i, c] = Σ x[p, c] over the positions p of window i: [N, …spatial, C] → [N, …out, C]. Padding adds nothing. */
export const windowSumPrimitive: Primitive<PoolAttrs> = {
  name: "windowSum",
  infer: (ins, attrs) => ({
    shape: poolGeometry("windowSum", ins[0]!.shape, attrs).y,
    dtype: commonFloat("windowSum", ins),
  }),
  forward({ algebra, ins: [x], out, inSpecs, attrs }) {
    const channels = inSpecs[0]!.shape.at(-1)!;
    forEachPair(poolGeometry("windowSum", inSpecs[0]!.shape, attrs), (at, window) =>
      algebra.addRun(out, window, 1, x!, at, 1, channels),
    );
  },
  // ⟨dy, Σ over window i of δx[p]⟩ = ⟨Σ over the windows that hold p of dy[i], δx⟩  ⇒  dx = windowSpread(dy)
  vjp: (dy, { ins: [x], attrs }) => [
    apply(windowSpreadPrimitive, [dy], { ...attrs, inputSpatial: x!.shape.slice(1, -1) }),
  ],
  linearIn: [0],
  samples: [
    { ins: [{ shape: [2, 5, 2] }], attrs: pairs },
    { ins: [{ shape: [1, 4, 3, 2] }], attrs: uneven },
    { ins: [{ shape: [3, 2] }], attrs: { window: [], stride: [], padding: [] } },
  ],
};

/** Its adjoint: x[p, c] = Σ y[i, c] over the windows i that hold p: [N, …out, C] → [N, …spatial, C]. */
export const windowSpreadPrimitive: Primitive<WindowSpreadAttrs> = {
  name: "windowSpread",
  infer(ins, attrs) {
    const { x, y } = spreadGeometry(ins[0]!.shape, attrs);
    if (!sameShape(y, ins[0]!.shape))
      throw shapeError("windowSpread", `windows ${showShape(y)}`, showShape(ins[0]!.shape));
    return { shape: x, dtype: commonFloat("windowSpread", ins) };
  },
  forward({ algebra, ins: [y], out, inSpecs, attrs }) {
    const channels = inSpecs[0]!.shape.at(-1)!;
    forEachPair(spreadGeometry(inSpecs[0]!.shape, attrs), (at, window) =>
      algebra.addRun(out, at, 1, y!, window, 1, channels),
    );
  },
  // The adjoint of the adjoint is the sum itself.
  vjp: (dx, { attrs: { window, stride, padding } }) => [apply(windowSumPrimitive, [dx], { window, stride, padding })],
  linearIn: [0],
  samples: [
    { ins: [{ shape: [2, 2, 2] }], attrs: { ...pairs, inputSpatial: [5] } },
    { ins: [{ shape: [1, 2, 3, 2] }], attrs: { ...uneven, inputSpatial: [4, 3] } },
  ],
};

function spreadGeometry(y: readonly number[], { inputSpatial, ...attrs }: WindowSpreadAttrs): PoolGeometry {
  return poolGeometry("windowSpread", [y[0] ?? 0, ...inputSpatial, y.at(-1) ?? 0], attrs);
}
