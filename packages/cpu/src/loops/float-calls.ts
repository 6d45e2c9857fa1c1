import { f32x4, i32x4, v128, type Code } from "../assembler/assembler.ts";
import type { Call, Operand } from "./calls.ts";

// The functions of floats that are an instruction or a few. Every one gives what JavaScript gives in f64, rounded once:
// +, −, ×, ÷ and √ of f32 are exact enough in f64 for that.

const zero = f32x4.const(0, 0, 0, 0);
const one = f32x4.const(1, 1, 1, 1);
const signBit = f32x4.const(-0, -0, -0, -0);

// V8 spends eight instructions on max and min, for the sake of NaN and of zeros' signs; against a number one to three will
// do. `pmax(a, b)` is a < b ? b : a, and `pmin(a, b)` is b < a ? b : a: both keep a NaN in a, and of two zeros a. So one is
// enough unless b is NaN or the zero that has to win, which is rare: runtime numbers are looked at before the loops.

/** The larger, NaN where either is, +0 before −0. */
function maximum(a: Operand, b: Operand): Code {
  if (isNumber(a) && !isNumber(b)) return maximum(b, a);
  const { constant, once } = b;
  if (once !== null) {
    const isNaN = f32x4.ne(b.get, b.get);
    const isZero = i32x4.eq(b.get, zero);
    if (once.ruledOut(v128.or(isNaN, isZero))) return f32x4.pmax(a.get, b.get);
    // Against +0 nothing negative is left, and −0 loses its sign.
    const bits = once.of(v128.not(v128.and(isZero, signBit)));
    return v128.and(v128.or(f32x4.pmax(a.get, b.get), once.of(isNaN)), bits);
  }
  if (constant === null || Number.isNaN(constant)) return f32x4.max(a.get, b.get);
  return Object.is(constant, 0) ? relu(a) : f32x4.pmax(a.get, b.get);
}

/** The smaller, NaN where either is, −0 before +0. */
function minimum(a: Operand, b: Operand): Code {
  if (isNumber(a) && !isNumber(b)) return minimum(b, a);
  const { constant, once } = b;
  if (once !== null) {
    const isNaN = f32x4.ne(b.get, b.get);
    const isZero = i32x4.eq(b.get, signBit);
    if (once.ruledOut(v128.or(isNaN, isZero))) return f32x4.pmin(a.get, b.get);
    // Against −0 nothing without a sign is left.
    return v128.or(f32x4.pmin(a.get, b.get), once.of(v128.or(isNaN, v128.and(isZero, signBit))));
  }
  const awkward = constant === null || Number.isNaN(constant) || Object.is(constant, -0);
  return awkward ? f32x4.min(a.get, b.get) : f32x4.pmin(a.get, b.get);
}

function isNumber({ constant, once }: Operand): boolean {
  return constant !== null || once !== null;
}

// Zero where x ≤ 0, which holds for −0 and not for NaN.
const relu = (x: Operand): Code => v128.andnot(x.get, f32x4.le(x.get, zero));

export const floats: Readonly<Record<string, Call>> = {
  neg: (_, x) => f32x4.neg(x.get),
  abs: (_, x) => f32x4.abs(x.get),
  square: (_, x) => f32x4.mul(x.get, x.get),
  reciprocal: (locals, x) => f32x4.div(locals.constant(one), x.get),
  sqrt: (_, x) => f32x4.sqrt(x.get),
  floor: (_, x) => f32x4.floor(x.get),
  ceil: (_, x) => f32x4.ceil(x.get),
  round: (_, x) => f32x4.nearest(x.get),
  relu: (_, x) => relu(x),
  // 1 with the sign of x where x is a number other than 0; zeros and NaN are their own sign.
  sign: (locals, x) => {
    const unit = v128.bitselect(x.get, locals.constant(one), locals.constant(signBit));
    return v128.bitselect(unit, x.get, f32x4.gt(f32x4.abs(x.get), zero));
  },
  add: (_, a, b) => f32x4.add(a.get, b.get),
  sub: (_, a, b) => f32x4.sub(a.get, b.get),
  mul: (_, a, b) => f32x4.mul(a.get, b.get),
  div: (_, a, b) => f32x4.div(a.get, b.get),
  maximum: (_, a, b) => maximum(a, b),
  minimum: (_, a, b) => minimum(a, b),
  equal: (_, a, b) => f32x4.eq(a.get, b.get),
  notEqual: (_, a, b) => f32x4.ne(a.get, b.get),
  less: (_, a, b) => f32x4.lt(a.get, b.get),
  lessEqual: (_, a, b) => f32x4.le(a.get, b.get),
  greater: (_, a, b) => f32x4.gt(a.get, b.get),
  greaterEqual: (_, a, b) => f32x4.ge(a.get, b.get),
};
