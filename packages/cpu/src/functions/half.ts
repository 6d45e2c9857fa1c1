import { f32x4, i32x4, v128, type Code, type Locals } from "../assembler/assembler.ts";
import { signBit } from "./constants.ts";
import { formula } from "./formula.ts";

/**
 * The nearest f16, of two equally near ones the even one, as an f32: ∞ from 65520 on, subnormals below 2⁻¹⁴, NaN of NaN.
 *
 * For |x| from 2ᵉ to 2ᵉ⁺¹ the last of the ten bits of an f16 is worth 2^(e−10), as is the last bit of an f32 from
 * 2^(e+13) to 2^(e+14): so adding 2^(e+13) rounds as it should, and subtracting it gives the rounded |x|. Below 2⁻¹⁴ the
 * last bit of an f16 keeps its worth, and e is −14.
 */
export function roundToHalf(locals: Locals, value: Code): Code {
  const f = formula(locals);
  const { keep, float, bits } = f;
  const x = keep(value);
  const size = keep(f32x4.pmin(f32x4.abs(x), float(2 ** 16)));
  const power = f32x4.pmax(v128.and(size, float(Infinity)), float(2 ** -14)); // the exponent of ∞ is a mask for that of x
  const addend = keep(i32x4.add(power, bits(13 << 23)));
  const rounded = f32x4.sub(f32x4.add(size, addend), addend);
  // What has become 2¹⁶ is too large for an f16, and overflows here.
  const overflown = f32x4.mul(f32x4.mul(rounded, float(2 ** 112)), float(2 ** -112));
  return f.result(v128.or(overflown, v128.and(x, bits(signBit))));
}
