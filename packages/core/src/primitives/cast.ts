import { isFloat, type DType } from "../dtype.ts";
import type { Forward, Primitive, Spec } from "../primitive.ts";
import { apply, toTensor, type Tensor, type TensorLike } from "../tensor.ts";
import type { UnaryRow } from "./scalar-table.ts";

export type CastAttrs = { readonly dtype: DType };

/** The value in another element type. The store into the result's host array does what is left of the conversion. */
export const castPrimitive: Primitive<CastAttrs> = {
  name: "cast",
  infer: ([x]: readonly Spec[], { dtype }: CastAttrs): Spec => ({ shape: x!.shape, dtype }),
  forward({ algebra, ins, out, inSpecs, outSpec }: Forward<CastAttrs>): void {
    algebra.map(castRow(inSpecs[0]!.dtype, outSpec.dtype), ins, out);
  },
  // Between floats a cast is the identity up to rounding, so the cotangent is cast back to x's dtype.
  //   dx = cast(dOut, dtype of x)
  vjp: (dOut, { ins: [x] }) => [isFloat(x!.dtype) && isFloat(dOut.dtype) ? cast(dOut, x!.dtype) : null],
  linearIn: [0],
  samples: [
    { ins: [{ shape: [5] }], attrs: { dtype: "f16" } },
    { ins: [{ shape: [2, 3] }], attrs: { dtype: "f32" } },
    { ins: [{ shape: [7], dtype: "i32", domain: [-9, 9] }], attrs: { dtype: "f32" } },
    { ins: [{ shape: [7], domain: [-9, 9] }], attrs: { dtype: "i32" } },
    { ins: [{ shape: [7], domain: [0, 9] }], attrs: { dtype: "u32" } },
    { ins: [{ shape: [7], dtype: "i32", domain: [-1, 1] }], attrs: { dtype: "bool" } },
    { ins: [{ shape: [4], dtype: "bool" }], attrs: { dtype: "f32" } },
  ],
};

function castRow(from: DType, to: DType): UnaryRow {
  const base = { name: "cast", arity: 1, accepts: "any", units: 0, domain: [-3, 3] } as const;
  if (to === "bool") return { ...base, at: (x) => (x === 0 ? 0 : 1) };
  if (isFloat(to)) return { ...base, units: 1, at: (x) => x, slope: () => 1, curve: () => 0 };
  if (!isFloat(from)) return { ...base, at: (x) => x };
  const [low, high] = to === "i32" ? [-0x80000000, 0x7fffffff] : [0, 0xffffffff];
  return { ...base, at: (x) => Math.min(Math.max(Math.trunc(x), low), high) };
}

/**
 * x with another element type. Float to integer truncates towards zero and saturates (NaN gives 0) and passes no
 * gradient; integer to integer keeps the 32 bits; to bool is x ≠ 0; bool to number is 0 or 1. Float to float rounds, and
 * its cotangent is cast back.
 *
 * @example cast(greater(tensor([2, -1]), 0), "f32") // [1, 0]
 */
export function cast(x: TensorLike, dtype: DType): Tensor {
  const from = toTensor(x);
  return from.dtype === dtype ? from : apply(castPrimitive, [from], { dtype });
}
