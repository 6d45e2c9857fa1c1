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
  if (bits >= 0x00800000u) {
    return Parts((bits & 0x007fffffu) | 0x00800000u, i32(bits >> 23u) - 150);
  }
  let shift = countLeadingZeros(bits) - 8u; // a subnormal number is made normal
  return Parts(bits << shift, -149 - i32(shift));
}

// 2^n for a normal result.
fn power_f32(n: i32) -> f32 {
  return bitcast<f32>(u32(n + 127) << 23u);
}

// The f32 nearest to wide · 2^exponent, of two equally near ones the even one. Where \`wide\` has more than 25 bits, its
// last one may stand for all that follow it: whether there is anything beyond the middle of two floats.
fn rounded_f32(wide: u32, exponent: i32) -> f32 {
  if (wide == 0u) { return 0.0; }
  let zeros = countLeadingZeros(wide);
  let top = exponent + 31 - i32(zeros); // 2^top is the leading bit
  if (top > 127) { return bitcast<f32>(0x7f800000u | zero_bits); }
  if (top < -150) { return 0.0; }
  let leading = wide << zeros;
  let bits = (leading >> 1u) | (leading & 1u); // 31 of them, so that no shift is by 32
  let dropped = 7u + u32(max(-126 - top, 0)); // a subnormal number has fewer bits
  let kept = bits >> dropped;
  let rest = bits & ((1u << dropped) - 1u);
  let half = 1u << (dropped - 1u);
  let up = select(0u, 1u, rest > half || (rest == half && (kept & 1u) == 1u));
  // The leading bit counts as 1 of the exponent, and so does one that rounding carries.
  return bitcast<f32>((u32(max(top + 126, 0)) << 23u) + kept + up);
}

// y · 2^n for a normal y > 0.
fn scaled_f32(y: f32, n: i32) -> f32 {
  let bits = bitcast<u32>(y);
  let field = i32(bits >> 23u) + n;
  if (field > 0 && field < 255) { return bitcast<f32>(bits + (bitcast<u32>(n) << 23u)); }
  return rounded_f32((bits & 0x007fffffu) | 0x00800000u, field - 150);
}

// The bits of y with the sign of x.
fn signed_f32(y: f32, x: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(y) & 0x7fffffffu) | (bitcast<u32>(x) & 0x80000000u));
}
`);
