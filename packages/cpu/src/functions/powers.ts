import { f32x4, f64x2, i32, i64x2, v128, type Code, type Locals } from "../assembler/assembler.ts";
import { signBit, wholeDouble } from "./constants.ts";
import { highDoubles, joinDoubles, lowDoubles } from "./doubles.ts";
import { floatParts } from "./float-parts.ts";
import { doublePolynomial, formula, type Formula } from "./formula.ts";

const { add, sub, mul, div, pmin, pmax } = f64x2;

// With s = (m − 1)/(m + 1): log₂ m = s·(c₀ + c₁s² + …), for m from √½ to √2. Minimax, off by at most 2⁻⁴⁵ of it.
const logSeries = [
  2.88539008177785, 0.9617966941135039, 0.5770779423151747, 0.41220925771169087, 0.31990546529485736,
  0.28290364721600175,
];
// 2ʳ for |r| ≤ ½. Minimax, off by at most 2⁻³⁹ of it.
const expSeries = [
  1, 0.6931471805412328, 0.24022650694742664, 0.05550410958928327, 0.009618129558824098, 0.001333343415789997,
  0.0001540309829519908, 1.531420915230826e-5, 1.3344181872380807e-6,
];

/** 1/√x. Error: at most 1.51u (measured). */
export function rsqrt(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  return f.result(f32x4.div(f.float(1), f32x4.sqrt(operand)));
}

/**
 * xʸ = 2^(y·log₂ x), in f64: an error of the logarithm is multiplied by up to 150. As little is left of it, the result is
 * the f32 nearest to xʸ in all but one of a hundred thousand cases, and always where xʸ is an f32 itself, as 3² is.
 * Special cases as `Math.pow`: 1 for y = 0, NaN for y = NaN and for 1^∞. Error: at most 1.001u
 * (measured on four million pairs).
 */
export function pow(locals: Locals, base: Code, exponent: Code): Code {
  const f = formula(locals);
  const { keep, float } = f;
  const x = keep(base);
  const y = keep(exponent);
  const { m, e } = splitSize(f, x);
  const [low, high] = [lowDoubles, highDoubles].map((half) => {
    const logarithm = add(half(e), log2(f, keep(half(m))));
    return exp2(f, keep(mul(half(y), logarithm)));
  }) as [Code, Code];
  const size = keep(joinDoubles(low, high));
  return f.result(v128.bitselect(float(1), withSign(f, x, y, size), f32x4.eq(y, float(0))));
}

/** |x| = 2ᵉ·m with m from √½ to √2, e as a float: −∞ of 0, ∞ of ∞. */
function splitSize(f: Formula, x: Code): { m: Code; e: Code } {
  const { keep, float } = f;
  const size = keep(f32x4.abs(x));
  const { e, m } = floatParts(f, size);
  const upToInfinity = v128.bitselect(size, e, f32x4.eq(size, float(Infinity)));
  return { m, e: keep(v128.bitselect(float(-Infinity), upToInfinity, f32x4.eq(size, float(0)))) };
}

/** log₂ m, for m from √½ to √2. */
function log2(f: Formula, m: Code): Code {
  const s = f.keep(div(sub(m, f.double(1)), add(m, f.double(1))));
  return mul(doublePolynomial(f, f.keep(mul(s, s)), logSeries), s);
}

/** 2ᵗ, as an f64: ∞ and what is below the f32 come of rounding it to f32. */
function exp2(f: Formula, t: Code): Code {
  const { keep, double } = f;
  const bounded = keep(pmax(pmin(t, double(200)), double(-200)));
  const wholeBits = keep(add(bounded, double(wholeDouble)));
  const r = keep(sub(bounded, sub(wholeBits, double(wholeDouble))));
  const power = i64x2.add(i64x2.shl(wholeBits, i32.const(52)), double(1));
  return mul(doublePolynomial(f, r, expSeries), power);
}

/** The power of a negative x: −|x|ʸ for odd y, NaN if y is no whole number (as are all f32 from 2²⁴ on, and all even). */
function withSign({ keep, float, bits }: Formula, x: Code, y: Code, size: Code): Code {
  const half = keep(f32x4.mul(y, float(0.5)));
  const isBroken = keep(f32x4.ne(y, f32x4.trunc(y)));
  const isOdd = v128.andnot(f32x4.ne(half, f32x4.trunc(half)), isBroken);
  const signed = v128.or(size, v128.and(v128.and(x, isOdd), bits(signBit)));
  const isNegative = v128.and(f32x4.lt(x, float(0)), f32x4.gt(x, float(-Infinity)));
  // All bits set are a NaN.
  return v128.or(v128.or(signed, v128.and(isNegative, isBroken)), f32x4.ne(x, x));
}
