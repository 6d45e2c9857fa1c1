import { declarationsOf, type Declarations } from "./declarations.ts";

// Products, quotients and roots as IEEE 754 has them, where WGSL promises less. A quotient or root begins as what the
// hardware gives, which is off by some units; what is then left over, such as a − q·b, is so small that its low 32 bits,
// which integers give exactly, are all of it.

/** Functions of f32 that are correctly rounded, or nearly so (rsqrt: at most 1.51u). */
export const arithmetic: Declarations = declarationsOf(`
// The hardware may take a subnormal operand for 0, and so make 0 or NaN of a product that is none.
fn mul_f32(a: f32, b: f32) -> f32 {
  let product = a * b;
  if (!is_zero_or_nan(product)) { return product; }
  let sizes = vec2<u32>(bitcast<u32>(a), bitcast<u32>(b)) & vec2<u32>(0x7fffffffu);
  let tiny = min(sizes.x, sizes.y);
  let other = max(sizes.x, sizes.y);
  if (tiny == 0u || tiny >= 0x00800000u) { return product; }
  let sign = (bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u;
  if (other >= 0x7f800000u) { return bitcast<f32>(sign | other); }
  // |tiny| = fraction * 2^-down with a fraction from 1/2 to 1; the power is taken from the exponent of the product.
  let shift = countLeadingZeros(tiny) - 8u;
  let fraction = bitcast<f32>(((tiny << shift) & 0x007fffffu) | 0x3f000000u);
  let size = bitcast<u32>(fraction * bitcast<f32>(other));
  let down = (125u + shift) << 23u;
  return bitcast<f32>(sign | select(0u, size - down, size >= down + 0x00800000u));
}

fn square_f32(x: f32) -> f32 {
  return x * x;
}

fn div_f32(a: f32, b: f32) -> f32 {
  let over = bitcast<u32>(a) & 0x7fffffffu;
  let under = bitcast<u32>(b) & 0x7fffffffu;
  let sign = (bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u;
  if (max(over, under) > 0x7f800000u || (over == under && (over == 0u || over == 0x7f800000u))) { return nan_f32(); }
  if (over == 0x7f800000u || under == 0u) { return bitcast<f32>(sign | 0x7f800000u); }
  if (over == 0u || under == 0x7f800000u) { return bitcast<f32>(sign); }
  return bitcast<f32>(sign | bitcast<u32>(quotient_f32(parts_f32(a), parts_f32(b))));
}

fn quotient_f32(a: Parts, b: Parts) -> f32 {
  // The quotient of the mantissas has 25 bits before the point, one more than a float.
  let shift = select(24u, 25u, a.mantissa < b.mantissa);
  let divisor = f32(b.mantissa);
  let guess = u32(f32(a.mantissa) / divisor * f32(1u << shift));
  let left = bitcast<i32>((a.mantissa << shift) - guess * b.mantissa);
  let change = i32(floor(f32(left) / divisor));
  var quotient = guess + bitcast<u32>(change);
  var rest = left - change * i32(b.mantissa);
  if (rest < 0) {
    quotient -= 1u;
    rest += i32(b.mantissa);
  } else if (rest >= i32(b.mantissa)) {
    quotient += 1u;
    rest -= i32(b.mantissa);
  }
  return rounded_f32(2u * quotient + select(0u, 1u, rest != 0), a.exponent - b.exponent - i32(shift) - 1);
}

fn reciprocal_f32(x: f32) -> f32 {
  return div_f32(1.0, x);
}

fn sqrt_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits << 1u) == 0u || bits == 0x7f800000u) { return x; }
  if (bits > 0x7f800000u) { return nan_f32(); } // a NaN, or less than 0
  let parts = parts_f32(x);
  // The root of mantissa · 2^shift has 25 bits before the point; the exponent that is left is even.
  let shift = 26u - (bitcast<u32>(parts.exponent) & 1u);
  let square = f32(parts.mantissa) * f32(1u << shift);
  let guess = u32(sqrt(square));
  let left = bitcast<i32>((parts.mantissa << shift) - guess * guess);
  var root = guess + bitcast<u32>(i32(floor(f32(left) / (2.0 * f32(guess)))));
  var rest = bitcast<i32>((parts.mantissa << shift) - root * root);
  if (rest < 0) {
    root -= 1u;
    rest += i32(2u * root + 1u);
  } else if (rest > i32(2u * root)) {
    rest -= i32(2u * root + 1u);
    root += 1u;
  }
  return rounded_f32(2u * root + select(0u, 1u, rest != 0), (parts.exponent - i32(shift)) / 2 - 1);
}

fn rsqrt_f32(x: f32) -> f32 {
  return div_f32(1.0, sqrt_f32(x));
}
`);
