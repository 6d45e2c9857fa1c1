import { declarationsOf, float, polynomial, type Declarations } from "./declarations.ts";

// eˣ = 2ⁿ·eʳ, with n = ⌊x/ln 2⌉ and r = x − n·ln 2, so that |r| ≤ ½ ln 2. The difference is taken in whole numbers of
// 2⁻²⁵, which an x from ¼ on is too: a compiler might make one product of the two by which it is taken in floats elsewhere.

const ln2 = Math.round(Math.LN2 * 2 ** 25);
const ln2Rest = Math.LN2 - ln2 * 2 ** -25;

// eʳ = 1 + r + r²(c₀ + c₁r + …) on |r| ≤ ½ ln 2: minimax relative to eʳ, off by at most 0.06u before rounding.
const expTail = [0.49999994, 0.16666517, 0.041668102, 0.0083691925, 0.0013838899];
// Minimax relative to eʳ − 1, off by at most 0.01u.
const expm1Tail = [0.5, 0.16666666, 0.041666467, 0.008333644, 0.001393507, 0.0001966348];

/** Functions made of eˣ. Errors: at most 1.7u of exp, 2u of expm1, 3u of tanh, 3.1u of sigmoid (measured). */
export const exponentials: Declarations = declarationsOf(`
struct Reduced {
  n: i32,
  r: f32,
}

// n and r for |x| < 127.
fn reduced_f32(x: f32) -> Reduced {
  let size = abs(x);
  let n = u32(size * ${float(Math.LOG2E)} + 0.5);
  if (n == 0u) { return Reduced(0, x); }
  let rest = bitcast<i32>(u32(size * ${float(2 ** 25)}) - n * ${ln2}u);
  let r = f32(rest) * ${float(2 ** -25)} - f32(n) * ${float(ln2Rest)};
  if (x < 0.0) { return Reduced(-i32(n), -r); }
  return Reduced(i32(n), r);
}

// e^x for x from -105 to 90, and NaN of NaN.
fn bounded_exp_f32(x: f32) -> f32 {
  let reduced = reduced_f32(x);
  let r = reduced.r;
  return scaled_f32(1.0 + r * (1.0 + r * (${polynomial("r", expTail)})), reduced.n);
}

fn exp_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  return bounded_exp_f32(clamp(x, -105.0, 90.0));
}

// e^r - 1
fn expm1_of_rest_f32(r: f32) -> f32 {
  return r + r * r * (${polynomial("r", expm1Tail)});
}

// For x from -20 to 89.
fn bounded_expm1_f32(x: f32) -> f32 {
  let reduced = reduced_f32(x);
  let y = expm1_of_rest_f32(reduced.r);
  if (reduced.n == 0) { return y; }
  // 2^n * y + (2^n - 1), halved: 2^128 would be infinite.
  let half = power_f32(reduced.n - 1);
  return 2.0 * (half * y + (half - 0.5));
}

fn expm1_f32(x: f32) -> f32 {
  if (is_nan(x) || abs(x) < ${float(2 ** -25)}) { return x; }
  return bounded_expm1_f32(clamp(x, -20.0, 89.0));
}

// (e^2x - 1) / ((e^2x - 1) + 2) for x >= 0
fn tanh_f32(x: f32) -> f32 {
  if (is_nan(x) || abs(x) < ${float(2 ** -12)}) { return x; }
  let y = bounded_expm1_f32(2.0 * min(abs(x), 10.0)); // tanh 10 rounds to 1
  return signed_f32(min(y / (y + 2.0), 1.0), x);
}

// e^-|x|, for functions that are symmetric about 0 in some way.
fn exp_of_minus_size_f32(x: f32) -> f32 {
  return bounded_exp_f32(max(-abs(x), -105.0));
}

// e^min(x, 0) / (1 + e^-|x|): the exponential never grows.
fn sigmoid_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let small = exp_of_minus_size_f32(x);
  return min(select(small, 1.0, x >= 0.0) / (1.0 + small), 1.0);
}
`);
