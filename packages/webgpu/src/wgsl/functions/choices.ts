import { declarationsOf, type Declarations } from "./declarations.ts";

// Comparing and choosing without a rounding: on bits, which keep subnormal numbers, the signs of zeros and NaN.

/** Functions of f32 that answer one of their operands, a part of it, or a truth. */
export const choices: Declarations = declarationsOf(`
fn neg_f32(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) ^ 0x80000000u);
}

fn abs_f32(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu);
}

// 0 for what has the sign bit, from -0 to -infinity; a NaN stays.
fn relu_f32(x: f32) -> f32 {
  return select(x, 0.0, (bitcast<u32>(x) - 0x80000000u) <= 0x7f800000u);
}

fn sign_f32(x: f32) -> f32 {
  return select(signed_f32(1.0, x), x, is_zero_or_nan(x));
}

// An integer that grows with x, with -0 just below 0.
fn order_f32(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}

// The same with one value for both zeros.
fn rank_f32(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return select(bits, -(bits & 0x7fffffff), bits < 0);
}

// NaN where one of them is; 0 is larger than -0. What is joined by & and | takes no branch, as with && and || it would.
fn maximum_f32(a: f32, b: f32) -> f32 {
  return select(b, a, is_nan(a) | (!is_nan(b) & (order_f32(a) >= order_f32(b))));
}

fn minimum_f32(a: f32, b: f32) -> f32 {
  return select(b, a, is_nan(a) | (!is_nan(b) & (order_f32(a) <= order_f32(b))));
}

fn equal_f32(a: f32, b: f32) -> bool {
  return (rank_f32(a) == rank_f32(b)) & !is_nan(a);
}

fn not_equal_f32(a: f32, b: f32) -> bool {
  return (rank_f32(a) != rank_f32(b)) | is_nan(a);
}

fn less_f32(a: f32, b: f32) -> bool {
  return (rank_f32(a) < rank_f32(b)) & !is_nan(a) & !is_nan(b);
}

fn less_equal_f32(a: f32, b: f32) -> bool {
  return (rank_f32(a) <= rank_f32(b)) & !is_nan(a) & !is_nan(b);
}

fn greater_f32(a: f32, b: f32) -> bool {
  return less_f32(b, a);
}

fn greater_equal_f32(a: f32, b: f32) -> bool {
  return less_equal_f32(b, a);
}

// Toward 0: the bits of the fraction are cleared.
fn trunc_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let exponent = i32((bits >> 23u) & 0xffu) - 127;
  if (exponent < 0) { return bitcast<f32>(bits & 0x80000000u); }
  if (exponent > 22) { return x; }
  return bitcast<f32>(bits & ~(0x007fffffu >> u32(exponent)));
}

fn floor_f32(x: f32) -> f32 {
  let whole = trunc_f32(x);
  let is_above = bitcast<u32>(whole) != bitcast<u32>(x) && bitcast<i32>(x) < 0;
  return select(whole, whole - 1.0, is_above);
}

fn ceil_f32(x: f32) -> f32 {
  return neg_f32(floor_f32(neg_f32(x)));
}

// To the nearest whole number, of two equally near ones the even one.
fn round_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  let exponent = i32(bits >> 23u) - 127;
  if (exponent > 22) { return x; }
  if (exponent < -1) { return signed_f32(0.0, x); }
  // The mantissa in halves and less: what follows the point is dropped, as where a float is made.
  let mantissa = (bits & 0x007fffffu) | 0x00800000u;
  let dropped = u32(23 - exponent);
  let half = 1u << (dropped - 1u);
  let rest = mantissa & (2u * half - 1u);
  let whole = mantissa >> dropped;
  let up = select(0u, 1u, rest > half || (rest == half && (whole & 1u) == 1u));
  return signed_f32(f32(whole + up), x);
}
`);
