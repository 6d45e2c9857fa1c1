import { isFloat, type DType } from "../dtype.ts";
import { cast } from "../ops/cast.ts";
import type { Primitive } from "../primitive.ts";
import type { UnaryRow } from "./scalar-table.ts";

export type CastAttrs = { readonly dtype: DType };

/** The value in another element type. The store into the result's host array does what is left of the conversion. */
export const castPrimitive: Primitive<CastAttrs> = {
  name: "cast",
  infer: ([x], { dtype }) => ({ shape: x!.shape, dtype }),
  forward({ algebra, ins, out, inSpecs, outSpec }) {
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
