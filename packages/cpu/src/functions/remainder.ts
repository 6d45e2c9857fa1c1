import {
  doWhile,
  f32x4,
  f64x2,
  i32,
  i32x4,
  types,
  v128,
  type Code,
  type Local,
  type Locals,
} from "../assembler/assembler.ts";
import { signBit } from "./constants.ts";
import { highDoubles, joinDoubles, lowDoubles } from "./doubles.ts";
import { formula } from "./formula.ts";

const { sub, mul, div, trunc } = f64x2;

// Sign, exponent and the first 25 bits of the fraction of an f64: with the leading 1, 26 bits.
const leadingBits = i32x4.const(-1 << 27, -1, -1 << 27, -1);

/** What is left of two dividends, and their divisors. */
interface Division {
  readonly rest: Local;
  readonly by: Code;
}

/**
 * a − ⌊a/b⌋·b: the remainder with the sign of b, by long division in f64 with digits of 26 bits, on sizes. No step has
 * an error: a digit q has 26 bits and b has 24, so q·b has at most 50; and as q takes the leading bits of a/b, a − q·b has
 * fewer than a. One step is all, unless a quotient exceeds 2²⁶. Only adding b to a remainder of the other sign rounds.
 * Error: at most 1u.
 */
export function mod(locals: Locals, dividend: Code, divisor: Code): Code {
  const f = formula(locals);
  const { keep, float, bits } = f;
  const a = keep(dividend);
  const b = keep(divisor);
  const [sizeOfA, sizeOfB] = [keep(f32x4.abs(a)), keep(f32x4.abs(b))];
  const [low, high] = [lowDoubles, highDoubles].map((half) => {
    const rest = locals.add(types.v128);
    f.line(rest.set(half(sizeOfA)));
    // Of b = ∞ anything too large: 0·∞ is NaN.
    return { rest, by: keep(f64x2.pmin(half(sizeOfB), f.double(2 ** 200))) };
  }) as [Division, Division];
  const step = [low, high].map(({ rest, by }) => {
    const digit = trunc(v128.and(div(rest.get, by), locals.constant(leadingBits)));
    return rest.set(sub(rest.get, mul(digit, by)));
  });
  const isUnfinished = [low, high].map(({ rest, by }) => f64x2.ge(rest.get, by)) as [Code, Code];
  f.line(doWhile(step, v128.anyTrue(v128.or(...isUnfinished))));
  const remainder = keep(v128.or(joinDoubles(low.rest.get, high.rest.get), v128.and(a, bits(signBit))));
  const signsDiffer = i32x4.shrS(v128.xor(remainder, b), i32.const(31));
  const isForeign = v128.and(f32x4.ne(remainder, float(0)), signsDiffer);
  return f.result(v128.bitselect(f32x4.add(remainder, b), remainder, isForeign));
}
