import { isFloat } from "../dtype.ts";
import { dtypeError, shapeError } from "../errors.ts";
import { where } from "../ops/where.ts";
import type { Primitive, Sample } from "../primitive.ts";
import { sameShape, showShape } from "../shape.ts";

/** out = condition ? a : b, element by element. */
export const wherePrimitive: Primitive = {
  name: "where",
  infer([condition, a, b]) {
    const { shape, dtype } = a!;
    if (condition!.dtype !== "bool") {
      const hint = "compare first, as in where(greater(x, 0), x, 0)";
      throw dtypeError("where", "a bool condition", condition!.dtype, hint);
    }
    if (b!.dtype !== dtype) {
      throw dtypeError("where", "branches of one dtype", `${dtype} and ${b!.dtype}`, "use cast(x, dtype)");
    }
    const odd = [condition!, b!].find((other) => !sameShape(other.shape, shape));
    if (odd === undefined) return { shape, dtype };
    throw shapeError("where", "operands of one shape", `${showShape(shape)} and ${showShape(odd.shape)}`);
  },
  forward({ ins: [condition, a, b], out }) {
    const chosen = condition!.planes[0]!;
    out.planes.forEach((to, p) => {
      const [yes, no] = [a!.planes[p]!, b!.planes[p]!];
      for (let i = 0; i < to.length; i++) to[i] = chosen[i] === 0 ? no[i]! : yes[i]!;
    });
  },
  // δout = c·δa + (1 − c)·δb. Written as choices, not products: 0·∞ would let the branch not taken leak a NaN.
  //   da = where(c, dOut, 0)      db = where(c, 0, dOut)
  vjp(dOut, { ins: [condition, a] }) {
    if (!isFloat(a!.dtype)) return [null, null, null];
    return [null, where(condition!, dOut, 0), where(condition!, 0, dOut)];
  },
  samples: [
    sample([7]),
    sample([2, 3]),
    {
      ins: [
        { shape: [5], dtype: "bool" },
        { shape: [5], dtype: "i32" },
        { shape: [5], dtype: "i32" },
      ],
      attrs: {},
    },
  ],
};

function sample(shape: readonly number[]): Sample {
  return { ins: [{ shape, dtype: "bool" }, { shape }, { shape }], attrs: {} };
}
