import {
  f32x4,
  f64x2,
  i32,
  i32x4,
  types,
  v128,
  when,
  type Code,
  type Local,
  type Locals,
} from "../assembler/assembler.ts";
import { signBit, wholeDouble } from "./constants.ts";
import { highDoubles, joinDoubles, joinLowWords, lowDoubles } from "./doubles.ts";
import { formula, polynomial, type Formula } from "./formula.ts";

const { add, sub, mul, nearest } = f64x2;

// x = q·π/2 + r with |r| ≤ π/4, in f64. The first part of π/2 has 33 bits, so that its product with a q below 2²⁰ has no
// error, and neither has the difference from x.
const quarterHigh = 1.5707963267341256;
const quarterLow = 6.077100506506192e-11;
const largestNear = 2 ** 20;

// sin r = r + r³(c₀ + c₁r² + …) and cos r = 1 − r²/2 + r⁴(c₀ + c₁r² + …) on |r| ≤ π/4: minimax relative to the function,
// off by at most 0.07u and 0.002u.
const sinTail = [-0.16666655, 0.008332189, -0.00019518285];
const cosTail = [0.041666646, -0.001388731, 2.4432327e-5];

/** sin x, for every finite x. Error: at most 2.3u (measured). */
export function sin(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  const x = f.keep(operand);
  return f.result(v128.xor(sinOfQuarter(f, locals, f.keep(f32x4.abs(x)), 0), v128.and(x, f.bits(signBit))));
}

/** cos x = sin(x + π/2), for every finite x. Error: at most 2.3u (measured). */
export function cos(locals: Locals, operand: Code): Code {
  const f = formula(locals);
  return f.result(sinOfQuarter(f, locals, f.keep(f32x4.abs(operand)), 1));
}

/** sin(x + shift·π/2), for x ≥ 0. */
function sinOfQuarter(f: Formula, locals: Locals, x: Code, shift: 0 | 1): Code {
  const { keep, line, float, bits } = f;
  const rest = locals.add(types.v128);
  const quarters = locals.add(types.v128);
  line(reduceNear(f, x, rest, quarters));
  const isAnyFar = v128.anyTrue(f32x4.gt(x, float(largestNear)));
  line(when(isAnyFar, reduceFar(locals, x, rest, quarters)));
  const quarter = shift === 0 ? quarters.get : keep(i32x4.add(quarters.get, bits(shift)));
  const r = rest.get;
  const z = keep(f32x4.mul(r, r));
  const sine = f32x4.add(f32x4.mul(f32x4.mul(polynomial(f, z, sinTail), z), r), r);
  const tail = f32x4.mul(f32x4.mul(polynomial(f, z, cosTail), z), z);
  const cosine = f32x4.add(f32x4.sub(float(1), f32x4.mul(z, float(0.5))), tail);
  // Quarters 0, 1, 2, 3 are sin r, cos r, −sin r, −cos r.
  const isOdd = i32x4.shrS(i32x4.shl(quarter, i32.const(31)), i32.const(31));
  const sign = v128.and(i32x4.shl(quarter, i32.const(30)), bits(signBit));
  return v128.xor(v128.bitselect(cosine, sine, isOdd), sign);
}

/** r and q, in the low bits, for x up to 2²⁰. */
function reduceNear(f: Formula, x: Code, rest: Local, quarters: Local): Code {
  const { keep, double } = f;
  const halves = [lowDoubles(x), highDoubles(x)].map((each) => {
    const half = keep(each);
    const wholeBits = keep(add(mul(half, double(2 / Math.PI)), double(wholeDouble)));
    const q = keep(sub(wholeBits, double(wholeDouble)));
    return { wholeBits, r: sub(sub(half, mul(q, double(quarterHigh))), mul(q, double(quarterLow))) };
  });
  const [low, high] = halves as [(typeof halves)[0], (typeof halves)[0]];
  return [rest.set(joinDoubles(low.r, high.r)), quarters.set(joinLowWords(low.wholeBits, high.wholeBits))];
}

// 1/2π in parts of 29 bits, whose product with an f32 has no error. Seven of them reach to 2⁻²⁰³: enough for x below 2¹²⁸,
// as 2/π times an f32 is nowhere nearer than 2⁻³⁰ to a whole number but 0 (by its continued fraction; the tests have the
// nearest).
const inverse = 0x28be60db9391054a7f09d5f47d4d377036d8a5664f10e4107f9458en; // ⌊2²²⁰/2π⌋
const partsOfInverse = [1, 2, 3, 4, 5, 6, 7].map((i) => {
  return Number((inverse >> BigInt(220 - 29 * i)) & 0x1fffffffn) * 2 ** (-29 * i);
});

/**
 * r and q where x is far from 0. Source: M. Payne and R. Hanek, "Radian reduction for trigonometric functions", SIGNUM
 * Newsletter 18 (1983), 19–24. They choose the bits of 1/2π that matter to an x; with vectors it is simpler to multiply by
 * all of them, and to drop the whole turns from each product.
 *
 * Near numbers in the same vector go the same way, and it gives them the same f32: r differs from the other in f64 at
 * most, and there is none up to 2²⁰ for which that changes the rounding (all were tried).
 */
function reduceFar(locals: Locals, x: Code, rest: Local, quarters: Local): Code {
  const f = formula(locals);
  const [low, high] = [farHalf(f, f.keep(lowDoubles(x))), farHalf(f, f.keep(highDoubles(x)))];
  f.line(rest.set(joinDoubles(low.r, high.r)));
  f.line(quarters.set(joinLowWords(low.wholeBits, high.wholeBits)));
  return f.result([]);
}

function farHalf({ keep, double }: Formula, x: Code): { r: Code; wholeBits: Code } {
  // The turns, as a sum of multiples of 2⁻⁴⁸, which has no error, and one of what is left of each product.
  let coarse = double(0);
  let fine = double(0);
  for (const part of partsOfInverse) {
    const product = keep(mul(x, double(part)));
    const fraction = keep(sub(product, nearest(product)));
    const rounded = keep(sub(add(fraction, double(24)), double(24)));
    coarse = keep(add(coarse, rounded));
    fine = keep(add(fine, sub(fraction, rounded)));
  }
  const wholeBits = keep(add(mul(coarse, double(4)), double(wholeDouble)));
  const wholeTurns = mul(sub(wholeBits, double(wholeDouble)), double(0.25));
  return { r: mul(add(sub(coarse, wholeTurns), fine), double(2 * Math.PI)), wholeBits };
}
