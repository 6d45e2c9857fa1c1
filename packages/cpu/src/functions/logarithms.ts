import { f32x4, i32x4, v128, type Code, type Locals } from "../assembler/assembler.ts";
import { ln2High, ln2Low, signBit } from "./constants.ts";
import { expOfMinusSize } from "./exponentials.ts";
import { floatParts, normalParts } from "./float-parts.ts";
import { formula, polynomial, type Formula } from "./formula.ts";

const { add, sub, mul, div, pmin, pmax } = f32x4;

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

/** ln x. Error: at most 1.4u (measured). */
export function log(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  const { keep, float } = f;
  const x = keep(operand);
  const { e, m } = floatParts(f, x);
  return f.result(withEnds(f, x, sumOfParts(f, e, keep(sub(m, float(1))))));
}

/**
 * ln(1 + x). The sum u = 1 + x is rounded, but what it loses, c, is known: 1 + x = u + c = 2ᵉ(m + c·2⁻ᵉ). For e = 0 the
 * argument t = m − 1 + c is x itself, without error.
 * Error: at most 2u (measured).
 */
export function log1p(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  const { keep, float, bits } = f;
  const x = keep(operand);
  const larger = keep(pmax(x, float(1)));
  const smaller = pmin(x, float(1));
  const u = keep(add(x, float(1)));
  const lost = sub(smaller, sub(u, larger));
  const { e, m, exponentBits } = normalParts(f, u);
  // The bits of 2⁻ᵉ; those of 2⁻¹²⁷ and 2⁻¹²⁸, which this would not make, may be those of 0.
  const power = i32x4.maxS(i32x4.sub(float(1), exponentBits), bits(0));
  const t = keep(add(sub(m, float(1)), mul(lost, power)));
  const value = withEnds(f, u, sumOfParts(f, e, t));
  return f.result(v128.or(value, v128.and(x, bits(signBit)))); // −0 of −0
}

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|). Error: at most 3u (measured). */
export function softplus(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  const { keep, float } = f;
  const x = keep(operand);
  const small = keep(expOfMinusSize(f, x));
  return f.result(add(pmax(x, float(0)), sub(small, excess(f, small, seriesOneToTwo))));
}
