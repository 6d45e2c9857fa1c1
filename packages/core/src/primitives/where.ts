import { isFloat } from "../dtype.ts";
import { dtypeError, shapeError } from "../errors.ts";
import { broadcastTogether } from "../ops/elementwise.ts";
import type { Forward, Primitive, Sample, Spec } from "../primitive.ts";
import { sameShape, showShape } from "../shape.ts";
import { apply, toTensor, toTensors, type Tensor, type TensorLike } from "../tensor.ts";

/** out = condition ? a : b, element by element. */
export const wherePrimitive: Primitive = {
  name: "where",
  infer([condition, a, b]: readonly Spec[]): Spec {
    const { shape, dtype } = a!;
    if (condition!.dtype !== "bool") {
      throw dtypeError(
        "where",
        "a bool condition",
        condition!.dtype,
        "compare first, as in where(greater(x, 0), x, 0)",
      );
    }
    if (b!.dtype !== dtype) {
      throw dtypeError("where", "branches of one dtype", `${dtype} and ${b!.dtype}`, "use cast(x, dtype)");
    }
    const odd = [condition!, b!].find((other) => !sameShape(other.shape, shape));
    if (odd === undefined) return { shape, dtype };
    throw shapeError("where", "operands of one shape", `${showShape(shape)} and ${showShape(odd.shape)}`);
  },
  forward({ ins: [condition, a, b], out }: Forward): void {
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

/**
 * `condition ? a : b`, element by element; the three broadcast together, and numbers take the other branch's dtype.
 * The branch not taken gets a cotangent of exactly 0, whatever its value: `where(greater(x, 0), log(x), 0)` has a clean
 * first factor, but log still divides 0 by x = 0 on its own. Guard the operand, not the result.
 *
 * @throws DTypeError when the condition is not bool or the branches differ
 * @example where(tensor([1, 0, 1], { dtype: "bool" }), tensor([1, 2, 3]), 0) // [1, 0, 3]
 */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  const [yes, no] = toTensors([a, b]) as [Tensor, Tensor];
  return apply(wherePrimitive, broadcastTogether("where", [toTensor(condition, "bool"), yes, no]), {});
}
