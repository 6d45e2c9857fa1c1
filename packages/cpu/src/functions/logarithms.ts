import { f32x4, i32, i32x4, v128, type Code, type Locals } from "../assembler/assembler.ts";
import { expOfMinusSize } from "./exponentials.ts";
import { formula, polynomial, signBit, type Formula } from "./formula.ts";

const { add, sub, mul, div, pmin, pmax } = f32x4;

// The product of the first part of ln 2 with an exponent has no error.
const ln2High = 355 / 512;
const ln2Low = Math.LN2 - ln2High;
const rootHalfBits = 0x3f3504f3;

// With s = t/(2 + t): ln(1 + t) = 2 artanh s = 2s + s·R(s²), and R(z) = 2z/3 + 2z²/5 + …
// Minimax for 1 + t from √½ to √2, off by at most 0.02u of the logarithm, and for t from 0 to 1, off by 0.08u.
const seriesAroundOne = [0.66666776, 0.39977568, 0.2987146];
const seriesOneToTwo = [0.6666641, 0.4002175, 0.27998212, 0.2802943];

/**
 * t − ln(1 + t) + low = t²/2 − (s·(t²/2 + R(s²)) + low): what has to be taken from t, which is the larger part of the
 * logarithm and known without error. As 2s = t − s·t and s·t = t²/2 − s·t²/2, the two forms are the same.
 */
function excess(f: Formula, t: Code, series: readonly number[], low?: Code): Code {
  const { keep, float } = f;
  const s = keep(div(t, add(t, float(2))));
  const z = keep(mul(s, s));
  const halfSquare = keep(mul(mul(t, float(0.5)), t));
  const rest = mul(s, add(halfSquare, mul(polynomial(f, z, series), z)));
  return sub(halfSquare, low === undefined ? rest : add(rest, low));
}

/** x = 2ᵉ·m with m from √½ to √2, for a normal x > 0: 2ᵉ as the bits that it adds to a float, and m. */
function split({ keep, bits }: Formula, x: Code): { e: Code; m: Code; exponentBits: Code } {
  const e = keep(i32x4.shrS(i32x4.sub(x, bits(rootHalfBits)), i32.const(23)));
  const exponentBits = keep(i32x4.shl(e, i32.const(23)));
  return { e, m: i32x4.sub(x, exponentBits), exponentBits };
}

/** e·ln 2 + ln(1 + t). */
function sumOfParts(f: Formula, e: Code, t: Code): Code {
  return sub(mul(e, f.float(ln2High)), sub(excess(f, t, seriesAroundOne, mul(e, f.float(ln2Low))), t));
}

/** The value where x > 0; −∞ where x = 0; NaN where x < 0; ∞ where x = ∞. */
function withEnds({ float, bits }: Formula, x: Code, value: Code): Code {
  // All bits set are a NaN, and so are the bits of −∞ with them.
  const zeroOrLess = v128.or(bits(0xff800000), f32x4.ne(x, float(0)));
  const finite = v128.bitselect(value, zeroOrLess, f32x4.gt(x, float(0)));
  return v128.bitselect(x, finite, f32x4.eq(x, float(Infinity)));
}

/** ln x. Error: at most 2u. */
export function log(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  const { keep, float } = f;
  const x = keep(operand);
  const isSubnormal = keep(f32x4.lt(x, float(2 ** -126)));
  const { e, m } = split(f, keep(v128.bitselect(mul(x, float(2 ** 23)), x, isSubnormal)));
  const exponent = keep(sub(f32x4.convertI32x4S(e), v128.and(isSubnormal, float(23))));
  const t = keep(sub(m, float(1)));
  return f.result(withEnds(f, x, sumOfParts(f, exponent, t)));
}

/**
 * ln(1 + x). The sum u = 1 + x is rounded, but what it loses, c, is known: 1 + x = u + c = 2ᵉ(m + c·2⁻ᵉ). For e = 0 the
 * argument t = m − 1 + c is x itself, without error. Error: at most 2u.
 */
export function log1p(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  const { keep, float, bits } = f;
  const x = keep(operand);
  const larger = keep(pmax(x, float(1)));
  const smaller = pmin(x, float(1));
  const u = keep(add(x, float(1)));
  const lost = sub(smaller, sub(u, larger));
  const { e, m, exponentBits } = split(f, u);
  // The bits of 2⁻ᵉ; those of 2⁻¹²⁷ and 2⁻¹²⁸, which this would not make, may be those of 0.
  const power = i32x4.maxS(i32x4.sub(float(1), exponentBits), bits(0));
  const t = keep(add(sub(m, float(1)), mul(lost, power)));
  const value = withEnds(f, u, sumOfParts(f, keep(f32x4.convertI32x4S(e)), t));
  return f.result(v128.or(value, v128.and(x, bits(signBit)))); // −0 of −0
}

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|). Error: at most 3u. */
export function softplus(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  const { keep, float } = f;
  const x = keep(operand);
  const small = keep(expOfMinusSize(f, x));
  return f.result(add(pmax(x, float(0)), sub(small, excess(f, small, seriesOneToTwo))));
}
