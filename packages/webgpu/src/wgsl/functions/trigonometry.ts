import { declarationsOf, polynomial, type Declarations } from "./declarations.ts";

// sin r = r + r³(c₀ + c₁r² + …) and cos r = 1 − r²/2 + r⁴(c₀ + c₁r² + …) on |r| ≤ π/4: minimax relative to the function,
// off by at most 0.07u and 0.002u.
const sinTail = [-0.16666655, 0.008332189, -0.00019518285];
const cosTail = [0.041666646, -0.001388731, 2.4432327e-5];

// 2/π·2⁻⁶⁴ in words of 32 bits. They are enough for x below 2¹²⁸, as 2/π times an f32 is nowhere nearer than 2⁻³⁰ to a
// whole number but 0 (by its continued fraction).
const inverse = 0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041n; // ⌊2¹⁹²·2/π⌋
const table = [7n, 6n, 5n, 4n, 3n, 2n, 1n, 0n].map((i) => {
  return `0x${((inverse >> (32n * i)) & 0xffffffffn).toString(16).padStart(8, "0")}u`;
});

/**
 * sin x and cos x for every finite x. Errors: at most 2.5u (measured).
 *
 * x = q·π/2 + r with |r| ≤ π/4. Source of the reduction: M. Payne and R. Hanek, "Radian reduction for trigonometric
 * functions", SIGNUM Newsletter 18 (1983), 19–24. Of the product of x and 2/π only the low bits of the whole part and the
 * first 62 behind the point are of interest, and so only three words of 2/π.
 */
export const trigonometry: Declarations = declarationsOf(`
struct Quarter {
  q: u32,
  r: f32,
}

// The upper word of a product.
fn mul_high_u32(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u);
}

// The 32 bits that stand \`at\` bits behind the point in 2 / pi * 2^-64.
fn two_over_pi_u32(at: u32) -> u32 {
  var words = array<u32, ${table.length}>(
    ${table.slice(0, 4).join(", ")},
    ${table.slice(4).join(", ")},
  );
  let i = at / 32u;
  let shift = at % 32u;
  return (words[i] << shift) | ((words[i + 1u] >> (31u - shift)) >> 1u);
}

fn quarter_f32(x: f32) -> Quarter {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  if (bits < 0x3f490fdbu) { return Quarter(0u, abs(x)); } // below pi / 4
  // |x| = mantissa * 2^(at - 62), with a mantissa of 32 bits. What stands before \`at\` gives multiples of 4 quarters only, and
  // the next 96 bits give the quarters in units of 2^-94.
  let at = (bits >> 23u) - 96u;
  let mantissa = (bits << 8u) | 0x80000000u;
  let low = mul_high_u32(mantissa, two_over_pi_u32(at + 64u));
  let second = two_over_pi_u32(at + 32u);
  let middle = mantissa * second + low;
  let carry = select(0u, 1u, middle < low);
  let high = mantissa * two_over_pi_u32(at) + mul_high_u32(mantissa, second) + carry;
  // high: two bits of quarters, then what is behind the point. Rounded, the rest is from -1/2 to 1/2.
  let q = (high + 0x20000000u) >> 30u;
  let top = (high << 2u) | (middle >> 30u);
  let next = middle << 2u;
  let is_negative = top >= 0x80000000u;
  let upper = select(top, ~top, is_negative);
  let lower = select(next, ~next, is_negative);
  // upper:lower * 2^-64, made 32 bits without leading zeros.
  let zeros = countLeadingZeros(upper);
  let fraction = (upper << zeros) | ((lower >> (31u - zeros)) >> 1u);
  let size = f32(mul_high_u32(fraction, 0xc90fdaa2u)) * power_f32(-31 - i32(zeros)); // pi / 2 = 0xc90fdaa2 * 2^-31
  return Quarter(q, select(size, -size, is_negative));
}

// sin(q * pi / 2 + r)
fn sin_of_quarter_f32(q: u32, r: f32) -> f32 {
  let z = r * r;
  let sine = r + r * z * (${polynomial("z", sinTail)});
  let cosine = 1.0 - z * 0.5 + z * z * (${polynomial("z", cosTail)});
  let value = select(sine, cosine, (q & 1u) == 1u);
  return select(value, -value, (q & 2u) == 2u);
}

fn sin_f32(x: f32) -> f32 {
  let size = bitcast<u32>(x) & 0x7fffffffu;
  if (size >= 0x7f800000u) { return nan_f32(); }
  if (size < 0x39800000u) { return x; } // below 2^-12
  let quarter = quarter_f32(x);
  let value = sin_of_quarter_f32(quarter.q, quarter.r);
  return select(value, -value, x < 0.0);
}

fn cos_f32(x: f32) -> f32 {
  if ((bitcast<u32>(x) & 0x7fffffffu) >= 0x7f800000u) { return nan_f32(); }
  let quarter = quarter_f32(x);
  return sin_of_quarter_f32(quarter.q + 1u, quarter.r);
}
`);
