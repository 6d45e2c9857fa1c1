import { declarationsOf, float, polynomial, type Declarations } from "./declarations.ts";

// ln 2 in two parts, the first of which has nine bits: its products with whole numbers have no error.
const ln2High = 355 / 512;
const ln2Low = Math.LN2 - ln2High;
// The mantissa of √2, from 2³¹ to 2³².
const root = `0x${Math.floor(Math.SQRT2 * 2 ** 31).toString(16)}u`;

// With s = t/(2 + t): ln(1 + t) = 2 artanh s = 2s + s·R(s²), and R(z) = 2z/3 + 2z²/5 + …
// Minimax for 1 + t from √½ to √2, off by at most 0.02u of the logarithm, and for t from 0 to 1, off by 0.08u.
const seriesAroundOne = [0.66666776, 0.39977568, 0.2987146];
const seriesOneToTwo = [0.6666641, 0.4002175, 0.27998212, 0.2802943];

/** Functions made of ln x. Errors: at most 1.5u of log, 2.2u of log1p, 2.9u of softplus (measured). */
export const logarithms: Declarations = declarationsOf(`
// ln(1 + t) + e ln 2 for 1 + t from sqrt(1/2) to sqrt(2): as 2s = t - s * t and s * t = t * t / 2 - s * t * t / 2, what has
// to be taken from t, which is the larger part and known without error, is t * t / 2 - s * (t * t / 2 + R(s * s)).
fn log_sum_f32(t: f32, e: f32) -> f32 {
  let s = t / (t + 2.0);
  let z = s * s;
  let half_square = t * 0.5 * t;
  let low = s * (half_square + z * (${polynomial("z", seriesAroundOne)})) + e * ${float(ln2Low)};
  return e * ${float(ln2High)} - ((half_square - low) - t);
}

// ln(wide * 2^exponent), for a wide below 2^27 and not 0. With integers nothing is lost where it is near 1.
fn log_of_f32(wide: u32, exponent: i32) -> f32 {
  let zeros = countLeadingZeros(wide);
  let k = select(31u, 32u, (wide << zeros) > ${root}) - zeros;
  let t = f32(bitcast<i32>(wide - (1u << k))) * power_f32(-i32(k));
  return log_sum_f32(t, f32(exponent + i32(k)));
}

// NaN below 0, -infinity of 0.
fn log_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits << 1u) == 0u) { return bitcast<f32>(0xff800000u | zero_bits); }
  if (bits == 0x7f800000u) { return x; }
  if (bits > 0x7f800000u) { return nan_f32(); }
  let parts = parts_f32(x);
  return log_of_f32(parts.mantissa, parts.exponent);
}

fn log1p_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let exponent = i32((bits >> 23u) & 0xffu) - 150;
  if (exponent < -49 || bits == 0x7f800000u || is_nan(x)) { return x; } // of tiny numbers it is x, to -0
  if (bits > 0xbf800000u) { return nan_f32(); }
  if (bits == 0xbf800000u) { return bitcast<f32>(0xff800000u | zero_bits); }
  if (abs(x) < 0.25) { return log_sum_f32(x, 0.0); }
  if (exponent > 1) { return log_f32(x); } // from 2^25 on, 1 is not to be seen
  // 1 + x in units of the last bit of x; where that is worth 2, 1 is left out.
  let mantissa = bitcast<i32>((bits & 0x007fffffu) | 0x00800000u);
  let one = select(0, 1 << u32(-exponent), exponent <= 0);
  return log_of_f32(bitcast<u32>(one + select(mantissa, -mantissa, x < 0.0)), exponent);
}

// max(x, 0) + ln(1 + e^-|x|)
fn softplus_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let t = exp_of_minus_size_f32(x);
  let s = t / (t + 2.0);
  let z = s * s;
  let half_square = t * 0.5 * t;
  return max(x, 0.0) + (t - (half_square - s * (half_square + z * (${polynomial("z", seriesOneToTwo)}))));
}
`);
