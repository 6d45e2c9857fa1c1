import { declarationsOf, type Declarations } from "./declarations.ts";

// Quotients and roots as IEEE 754 has them, where WGSL promises less. Each begins as what the hardware gives, which is off by
// some units; what is then left over, such as a − q·b, is so small that its low 32 bits, which integers give exactly, are all
// of it. A product is what the hardware gives: WGSL rounds it once, though a factor that is subnormal may count as 0.

/** Functions of f32 that are correctly rounded, or nearly so (rsqrt: at most 1.51u). */
export const arithmetic: Declarations = declarationsOf(`
fn square_f32(x: f32) -> f32 {
  return x * x;
}

fn div_f32(a: f32, b: f32) -> f32 {
  let over = bitcast<u32>(a) & 0x7fffffffu;
  let under = bitcast<u32>(b) & 0x7fffffffu;
  let sign = (bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u;
  if (max(over, under) >= 0x7f800000u || min(over, under) == 0u) {
    let is_nan = max(over, under) > 0x7f800000u || over == under;
    let is_infinite = over == 0x7f800000u || under == 0u;
    return bitcast<f32>(select(select(0u, 0x7f800000u, is_infinite), 0x7fc00000u, is_nan) | sign);
  }
  let x = parts_f32(a);
  let y = parts_f32(b);
  // The quotient of the mantissas has 25 bits before the point, one more than a float.
  let shift = select(24u, 25u, x.mantissa < y.mantissa);
  let divisor = f32(i32(y.mantissa));
  let guess = u32(f32(i32(x.mantissa)) / divisor * f32(1i << shift));
  let left = bitcast<i32>((x.mantissa << shift) - guess * y.mantissa);
  let change = i32(floor(f32(left) / divisor));
  let rest = left - change * i32(y.mantissa);
  let floored = i32(guess) + change + select(0, 1, rest >= i32(y.mantissa)) - select(0, 1, rest < 0);
  let has_rest = rest != 0 && rest != i32(y.mantissa);
  let size = placed_f32(u32(floored) * 2u + select(0u, 1u, has_rest), x.exponent - y.exponent - i32(shift) - 1);
  return bitcast<f32>(sign | bitcast<u32>(size));
}

fn reciprocal_f32(x: f32) -> f32 {
  return div_f32(1.0, x);
}

fn sqrt_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if (bits - 1u >= 0x7f7fffffu) {
    // 0 and infinity are their own roots; the others are NaN or less than 0.
    return select(nan_f32(), x, (bits << 1u) == 0u || bits == 0x7f800000u);
  }
  let parts = parts_f32(x);
  // The root of mantissa * 2^shift has 25 bits before the point; the exponent that is left is even.
  let shift = 26u - (bitcast<u32>(parts.exponent) & 1u);
  let square = f32(i32(parts.mantissa)) * f32(1i << shift);
  let guess = i32(sqrt(square));
  let left = bitcast<i32>(parts.mantissa << shift) - guess * guess;
  let root = guess + i32(floor(f32(left) / (2.0 * f32(guess))));
  let rest = bitcast<i32>(parts.mantissa << shift) - root * root;
  // No root lies in the middle of two floats: on which side it is is all that the last bit has to say.
  let floored = root + select(0, 1, rest > 2 * root) - select(0, 1, rest < 0);
  return placed_f32(u32(floored) * 2u + 1u, ((parts.exponent - i32(shift)) >> 1u) - 1);
}

fn rsqrt_f32(x: f32) -> f32 {
  return div_f32(1.0, sqrt_f32(x));
}
`);
