import { f32x4, i32, i32x4, v128, type Code, type Locals } from "../assembler/assembler.ts";
import { ln2High, ln2Low, signBit, wholeFloat } from "./constants.ts";
import { formula, polynomial, type Formula } from "./formula.ts";

const { add, sub, mul, div, pmin, pmax } = f32x4;

// eˣ = 2ⁿ·eʳ, with n = ⌊x/ln 2⌉ and r = x − n·ln 2, so that |r| ≤ ½ ln 2.

// eʳ = 1 + r + r²(c₀ + c₁r + …) on |r| ≤ ½ ln 2: minimax relative to eʳ, off by at most 0.06u before rounding.
const expTail = [0.49999994, 0.16666517, 0.041668102, 0.0083691925, 0.0013838899];
// Minimax relative to eʳ − 1, off by at most 0.01u.
const expm1Tail = [0.5, 0.16666666, 0.041666467, 0.008333644, 0.001393507, 0.0001966348];

/** n, in the low bits of `wholeBits`, and r of the argument of an exponential. */
function reduced({ keep, float }: Formula, x: Code): { wholeBits: Code; r: Code } {
  const wholeBits = keep(add(mul(x, float(Math.LOG2E)), float(wholeFloat)));
  const n = keep(sub(wholeBits, float(wholeFloat)));
  const r = keep(sub(sub(x, mul(n, float(ln2High))), mul(n, float(ln2Low))));
  return { wholeBits, r };
}

/**
 * y·2ⁿ, for n from −252 to 254 in the low bits of `wholeBits`, and y near 1. The power is taken in two halves, the first
 * of which has no error: so there is one rounding, where the result is subnormal, and overflow ends in ∞. (Adding to the
 * exponent of y would be quicker, but makes a number of a NaN.)
 */
function scaled({ keep, float, bits }: Formula, y: Code, wholeBits: Code): Code {
  const half = keep(v128.and(i32x4.shl(wholeBits, i32.const(22)), bits(0xff800000)));
  const otherHalf = i32x4.sub(i32x4.shl(wholeBits, i32.const(23)), half);
  return mul(mul(y, i32x4.add(half, float(1))), i32x4.add(otherHalf, float(1)));
}

/** eˣ of an x that is no greater than 90 and no less than −105 (or NaN). */
function boundedExp(f: Formula, x: Code): Code {
  const { wholeBits, r } = reduced(f, x);
  const y = add(mul(polynomial(f, r, [1, ...expTail]), r), f.float(1));
  return scaled(f, y, wholeBits);
}

/** eˣ. Error: at most 1.7u (measured). */
export function exp(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  // Beyond these bounds the result is ∞ or 0. `pmin(x, bound)` is x where x is NaN.
  const x = f.keep(pmax(pmin(operand, f.float(90)), f.float(-105)));
  return f.result(boundedExp(f, x));
}

/** e^−|x|, for functions that are symmetric about 0 in some way. */
export function expOfMinusSize(f: Formula, x: Code): Code {
  return boundedExp(f, f.keep(pmax(v128.or(x, f.bits(signBit)), f.float(-105))));
}

/** eˣ − 1. Error: at most 2u (measured). */
export function expm1(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  const { keep, float } = f;
  const x = keep(operand);
  const { wholeBits, r } = reduced(f, keep(pmax(pmin(x, float(89)), float(-20))));
  const y = keep(expm1OfRest(f, r));
  // 2ⁿy + (2ⁿ − 1), halved: 2¹²⁸ would be ∞.
  const half = keep(i32x4.add(i32x4.shl(wholeBits, i32.const(23)), float(0.5)));
  const sum = keep(add(mul(half, y), sub(half, float(0.5))));
  // Of tiny numbers eˣ − 1 is x, to −0 and to the last bit of the subnormals, which halving loses.
  const isTiny = f32x4.lt(f32x4.abs(x), float(2 ** -25));
  return f.result(v128.bitselect(x, add(sum, sum), isTiny));
}

/** eʳ − 1 = r + r²(…). */
function expm1OfRest(f: Formula, r: Code): Code {
  return add(mul(mul(polynomial(f, r, expm1Tail), r), r), r);
}

/**
 * tanh x = (e²ˣ − 1) / ((e²ˣ − 1) + 2), for x ≥ 0; the sign is put back. Error: at most 3u (measured).
 */
export function tanh(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  const { keep, float, bits } = f;
  const x = keep(operand);
  const size = keep(pmin(f32x4.abs(x), float(10))); // tanh 10 rounds to 1
  const { wholeBits, r } = reduced(f, keep(add(size, size)));
  const power = keep(i32x4.add(i32x4.shl(wholeBits, i32.const(23)), float(1)));
  const y = keep(add(mul(power, expm1OfRest(f, r)), sub(power, float(1))));
  return f.result(v128.or(div(y, add(y, float(2))), v128.and(x, bits(signBit))));
}

/**
 * 1 / (1 + e⁻ˣ) = e^min(x, 0) / (1 + e^−|x|): the exponential never grows. Error: at most 3.2u (measured).
 */
export function sigmoid(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  const { keep, float } = f;
  const x = keep(operand);
  const small = keep(expOfMinusSize(f, x));
  const numerator = v128.bitselect(small, float(1), i32x4.shrS(x, i32.const(31)));
  return f.result(div(numerator, add(small, float(1))));
}
