import { shapeError } from "../errors.ts";
import type { Buffer } from "../interpreter/algebra.ts";
import type { Primitive, Spec } from "../primitive.ts";
import { sameShape, showShape, sizeOf } from "../shape.ts";
import { apply } from "../tensor.ts";
import { commonFloat } from "./operands.ts";
import { forEachPair, poolGeometry, requireTouching, type PoolAttrs, type PoolGeometry } from "./pool-geometry.ts";

// A maximum is a choice and a copy. `poolGather(x, v)` makes the choice on x, the selector, and copies from v; max
// pooling is poolGather(x, x). The choice is constant wherever it is unique, so its derivative is zero and all of the
// gradient runs through v, in which the primitive is linear: the vjp of the copy is an addition to the chosen places.

// For the samples of both: windows that tile an axis, and two axes with everything uneven.
const pairs: PoolAttrs = { window: [2], stride: [2], padding: [[0, 0]] };
// prettier-ignore
const uneven: PoolAttrs = { window: [3, 2], stride: [1, 2], padding: [[1, 2], [0, 1]] };

/**
 * y[i, c] = v[p, c] for that position p of window i where x[p, c] is largest: [N, …spatial, C] twice → [N, …out, C].
 */
export const poolGatherPrimitive: Primitive<PoolAttrs> = {
  name: "poolGather",
  infer(ins, attrs) {
    const { x, y } = geometryOf("poolGather", ins, attrs);
    if (!sameShape(ins[1]!.shape, x)) {
      throw shapeError("poolGather", `values ${showShape(x)} like the selector`, showShape(ins[1]!.shape));
    }
    return { shape: y, dtype: ins[1]!.dtype };
  },
  forward({ ins: [x, v], out, inSpecs, attrs }) {
    const chosen = choices(x!, geometryOf("poolGather", inSpecs, attrs));
    out.planes.forEach((to, plane) => {
      const from = v!.planes[plane]!;
      for (let i = 0; i < chosen.length; i++) to[i] = from[chosen[i]!]!;
    });
  },
  // ⟨dy, v at the chosen places⟩ = ⟨dy added to the chosen places, v⟩  ⇒  dv = poolScatter(x, dy);  dx = 0
  vjp: (dy, { ins: [x], attrs }) => [null, apply(poolScatterPrimitive, [x!, dy], attrs)],
  linearIn: [1],
  samples: [
    { ins: [{ shape: [2, 5, 2] }, { shape: [2, 5, 2] }], attrs: pairs },
    { ins: [{ shape: [1, 4, 3, 2] }, { shape: [1, 4, 3, 2] }], attrs: uneven },
  ],
};

/** Its adjoint: dv[p, c] = Σ dy[i, c] over the windows i whose choice on x is p. */
export const poolScatterPrimitive: Primitive<PoolAttrs> = {
  name: "poolScatter",
  infer(ins, attrs) {
    const { x, y } = geometryOf("poolScatter", ins, attrs);
    if (!sameShape(ins[1]!.shape, y)) {
      throw shapeError("poolScatter", `one value for each window, ${showShape(y)}`, showShape(ins[1]!.shape));
    }
    return { shape: x, dtype: commonFloat("poolScatter", ins.slice(1)) };
  },
  forward({ algebra, ins: [x, dy], out, inSpecs, attrs }) {
    const chosen = choices(x!, geometryOf("poolScatter", inSpecs, attrs));
    for (let i = 0; i < chosen.length; i++) algebra.addRun(out, chosen[i]!, 1, dy!, i, 1, 1);
  },
  // The adjoint of the adjoint: ddy = poolGather(x, ddv);  dx = 0
  vjp: (ddv, { ins: [x], attrs }) => [null, apply(poolGatherPrimitive, [x!, ddv], attrs)],
  linearIn: [1],
  samples: [
    { ins: [{ shape: [2, 5, 2] }, { shape: [2, 2, 2] }], attrs: pairs },
    { ins: [{ shape: [1, 4, 3, 2] }, { shape: [1, 5, 2, 2] }], attrs: uneven },
  ],
};

function geometryOf(who: string, ins: readonly Spec[], attrs: PoolAttrs): PoolGeometry {
  const geometry = poolGeometry(who, ins[0]!.shape, attrs);
  requireTouching(who, geometry);
  return geometry;
}

/**
 * For each element of y the offset in x of its window's maximum: the first of equals; a NaN counts as larger than all.
 */
function choices(x: Buffer, geometry: PoolGeometry): Int32Array {
  const values = x.planes[0]!;
  const channels = geometry.x.at(-1)!;
  const chosen = new Int32Array(sizeOf(geometry.y)).fill(-1);
  forEachPair(geometry, (at, window) => {
    for (let c = 0; c < channels; c++) {
      const best = chosen[window + c]!;
      const value = values[at + c]!;
      if (best < 0 || value > values[best]! || (Number.isNaN(value) && !Number.isNaN(values[best]))) {
        chosen[window + c] = at + c;
      }
    }
  });
  return chosen;
}
