import { declarationsOf, type Declarations } from "./declarations.ts";

// With s = (m − 1)/(m + 1): log₂ m = s·(c₀ + c₁s² + …), for m from √½ to √2. Off by at most 2⁻³⁷ of it.
const logSeries = [2.88539008179, 0.96179667344, 0.577083567595, 0.41167366527, 0.34071400279];
// 2ʳ = 1 + r·(c₀ + c₁r + …) for r from 0 to 1. Off by at most 2⁻³⁷ of it.
const expSeries = [
  Math.LN2,
  0.24022650749,
  0.05550409765,
  0.00961821677,
  0.001333014433,
  0.000154753127,
  0.0000144257333,
  0.000001804242,
];

/** c₀ + c₁x + … where x is a fraction in units of 2⁻³², with the coefficients in units of 2^−`bits`. */
function fixedPolynomial(x: string, coefficients: readonly number[], bits: number): string {
  return coefficients
    .map((coefficient) => `${Math.round(coefficient * 2 ** bits)}u`)
    .reduceRight((sum, term) => `${term} + mul_high_u32(${x}, ${sum})`);
}

/**
 * xʸ = 2^(y·log₂ x). Special cases as `Math.pow`: 1 for y = 0, NaN for y = NaN and for 1^∞. Error: at most 3u
 * (measured on four million pairs), and at most 1.1u where the result is from 2⁻³⁰ to 2³⁰.
 *
 * An error of the logarithm is multiplied by up to 150, and f32 is too short for it; here are whole numbers of 32 bits.
 */
export const powers: Declarations = declarationsOf(`
// |log2 x| = size * 2^-places, with a size that has at least 29 bits.
struct Logarithm {
  size: u32,
  places: u32,
  is_negative: bool,
}

fn log2_f32(x: f32) -> Logarithm {
  // |x| = 2^e * m with m from sqrt(1/2) to sqrt(2), and m = mantissa / one.
  let parts = parts_f32(x);
  let k = select(23u, 24u, parts.mantissa > ${Math.floor(Math.SQRT2 * 2 ** 23)}u);
  let e = parts.exponent + i32(k);
  let one = 1u << k;
  let is_below = parts.mantissa < one;
  let difference = select(parts.mantissa - one, one - parts.mantissa, is_below);
  if (difference == 0u) {
    let size = u32(abs(e));
    let zeros = countLeadingZeros(size);
    return Logarithm(size << (zeros & 31u), zeros, e < 0);
  }
  // s = difference / sum, by two steps of a long division: s * 2^(24 + zeros).
  let sum = parts.mantissa + one;
  let zeros = countLeadingZeros(difference);
  let dividend = difference << zeros;
  let first = u32(f32(dividend) / f32(sum) * 65536.0);
  let left = bitcast<i32>((dividend << 16u) - first * sum);
  let s = (first << 8u) + bitcast<u32>(i32(floor(f32(left) / f32(sum) * 256.0 + 0.5)));
  let fraction = s >> (zeros - 8u);
  let z = mul_high_u32(fraction, fraction);
  let series = ${fixedPolynomial("z", logSeries, 30)};
  let shift = countLeadingZeros(s);
  let size = mul_high_u32(s << shift, series); // of log2 m, in units of 2^-(22 + zeros + shift)
  let places = 22u + zeros + shift;
  if (e == 0) { return Logarithm(size, places, is_below); }
  let whole = u32(abs(e));
  let unit = countLeadingZeros(whole) - 1u;
  let rest = ((size >> (places - unit - 1u)) + 1u) >> 1u;
  let total = (whole << unit) + select(rest, 0u - rest, is_below != (e < 0));
  return Logarithm(total, unit, e < 0);
}

// 2^t for t = plus or minus (whole + fraction * 2^-32)
fn exp2_f32(whole: u32, fraction: u32, is_negative: bool) -> f32 {
  let n = select(i32(whole), -i32(whole) - select(1, 0, fraction == 0u), is_negative);
  let r = select(fraction, 0u - fraction, is_negative);
  let series = ${fixedPolynomial("r", expSeries, 32)};
  return rounded_f32(0x80000000u + (mul_high_u32(r, series) >> 1u), n - 31);
}

// |x|^y for finite x and y that are not 0
fn pow_of_size_f32(x: f32, y: f32) -> f32 {
  let logarithm = log2_f32(x);
  let exponent = parts_f32(y);
  let is_negative = logarithm.is_negative != (y < 0.0);
  // high:low * 2^-shift is y * log2 |x| in units of 2^-32.
  let mantissa = exponent.mantissa << 8u;
  let high = mul_high_u32(logarithm.size, mantissa);
  let low = logarithm.size * mantissa;
  let shift = i32(logarithm.places) - 24 - exponent.exponent;
  if (logarithm.size == 0u || shift > 63) { return 1.0; }
  if (shift < 21) { return select(bitcast<f32>(0x7f800000u | zero_bits), 0.0, is_negative); }
  let places = u32(shift) & 31u;
  if (shift > 31) { return exp2_f32(0u, high >> places, is_negative); }
  return exp2_f32(min(high >> places, 1000u), (high << (32u - places)) | (low >> places), is_negative);
}

fn pow_f32(x: f32, y: f32) -> f32 {
  let size = bitcast<u32>(x) & 0x7fffffffu;
  let exponent = bitcast<u32>(y) & 0x7fffffffu;
  if (exponent == 0u) { return 1.0; }
  if (max(size, exponent) > 0x7f800000u) { return nan_f32(); }
  let is_shrinking = bitcast<i32>(y) < 0;
  if (exponent == 0x7f800000u) {
    if (size == 0x3f800000u) { return nan_f32(); }
    return bitcast<f32>(select(0u, 0x7f800000u, (size > 0x3f800000u) != is_shrinking));
  }
  // Whole are all floats from 2^23 on, and odd are none from 2^24 on.
  let parts = parts_f32(y);
  let point = clamp(-parts.exponent, 0, 24);
  let digits = parts.mantissa & ((1u << u32(point)) - 1u);
  let is_odd = parts.exponent <= 0 && digits == 0u && ((parts.mantissa >> u32(point)) & 1u) == 1u;
  let sign = select(0u, bitcast<u32>(x) & 0x80000000u, is_odd);
  if (size == 0u || size == 0x7f800000u) {
    return bitcast<f32>(sign | select(0u, 0x7f800000u, (size != 0u) != is_shrinking));
  }
  if (bitcast<i32>(x) < 0 && digits != 0u) { return nan_f32(); }
  return bitcast<f32>(sign | bitcast<u32>(pow_of_size_f32(x, y)));
}
`);
