import { declarationsOf, type Declarations } from "./declarations.ts";

// What a shader may do to floats is little: subnormal numbers may count as zeros, division may be off by 2.5 units in the
// last place, compilers may reorder sums, fuse products into them, and take it that there is neither NaN nor infinity. Of
// integers everything is exact. So what must be exact is computed with the integers that floats are made of.

/** The words of floats: their parts, and floats from parts. */
export const floatBits: Declarations = declarationsOf(`
fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn is_zero_or_nan(x: f32) -> bool {
  return (bitcast<u32>(x) << 1u) - 1u >= 0xff000000u;
}

// No text may say it in constants.
fn nan_f32() -> f32 {
  return bitcast<f32>(0x7fc00000u | zero_bits);
}

// |x| = mantissa · 2^exponent with a mantissa of 24 bits.
struct Parts {
  mantissa: u32,
  exponent: i32,
}

// The parts of a finite x that is not 0.
fn parts_f32(x: f32) -> Parts {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  let field = bits >> 23u;
  let mantissa = (bits & 0x007fffffu) | (min(field, 1u) << 23u);
  let shift = countLeadingZeros(mantissa) - 8u; // a subnormal number is made normal
  return Parts(mantissa << shift, i32(max(field, 1u) - shift) - 150);
}

// 2^n for a normal result.
fn power_f32(n: i32) -> f32 {
  return bitcast<f32>(u32(n + 127) << 23u);
}

// The f32 nearest to wide * 2^exponent, of two equally near ones the even one, for a \`wide\` of 26 bits, two more than a
// float. The last one may stand for all that follow it: whether there is anything beyond the middle of two floats.
fn placed_f32(wide: u32, exponent: i32) -> f32 {
  let field = exponent + 152;
  if (field > 254) { return bitcast<f32>(0x7f800000u | zero_bits); }
  let dropped = u32(clamp(3 - field, 2, 27)); // a subnormal number has fewer bits
  let is_odd = (wide >> dropped) & 1u;
  let mantissa = (wide + (1u << (dropped - 1u)) - 1u + is_odd) >> dropped;
  // The leading bit counts as 1 of the exponent, and so does one that rounding carries.
  return bitcast<f32>((u32(max(field - 1, 0)) << 23u) + mantissa);
}

// The same for any \`wide\`.
fn rounded_f32(wide: u32, exponent: i32) -> f32 {
  if (wide == 0u) { return 0.0; }
  let zeros = countLeadingZeros(wide);
  let leading = wide << zeros;
  return placed_f32((leading >> 6u) | min(leading & 63u, 1u), exponent - i32(zeros) + 6);
}

// y * 2^n for a normal y > 0.
fn scaled_f32(y: f32, n: i32) -> f32 {
  let bits = bitcast<u32>(y);
  return placed_f32(((bits & 0x007fffffu) | 0x00800000u) << 2u, i32(bits >> 23u) + n - 152);
}

// The bits of y with the sign of x.
fn signed_f32(y: f32, x: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(y) & 0x7fffffffu) | (bitcast<u32>(x) & 0x80000000u));
}
`);
