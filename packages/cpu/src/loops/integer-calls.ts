import { i32, i32x4, types, v128, type Code, type Local, type Locals } from "../assembler/assembler.ts";
import type { Call, Operand } from "./calls.ts";

// Whole numbers modulo 2³², as core keeps them: signed and unsigned differ in order, quotients and shifts to the right.

const splat = (value: number): Code => i32x4.const(value, value, value, value);
const zero = splat(0);
const one = splat(1);
const minusOne = splat(-1);

/** Lane by lane, for what has no vector instruction. */
function lanewise(locals: Locals, a: Operand, b: Operand, make: (x: Code, y: Code) => Code): Code {
  const result = locals.add(types.v128);
  const lanes = [0, 1, 2, 3].map((k) => {
    const lane = make(i32x4.extractLane(a.get, k), i32x4.extractLane(b.get, k));
    return result.set(i32x4.replaceLane(result.get, k, lane));
  });
  return [lanes, result.get];
}

type Shift = (x: Code, distance: Code) => Code;

/** By a distance modulo 32. A vector instruction shifts all lanes by one distance. */
function shift(locals: Locals, a: Operand, b: Operand, ofVector: Shift, ofWord: Shift): Code {
  if (b.constant !== null) return ofVector(a.get, i32.const(b.constant & 31));
  if (b.uniform) return ofVector(a.get, i32x4.extractLane(b.get, 0));
  return lanewise(locals, a, b, ofWord);
}

/** The divisor, with 1 in place of those by which nothing can be divided. */
function safe(locals: Locals, divisor: Code, unsafe: Code): { local: Local; set: Code } {
  const local = locals.add(types.v128);
  return { local, set: local.set(v128.bitselect(locals.constant(one), divisor, unsafe)) };
}

const operand = (local: Local): Operand => ({ get: local.get, constant: null, uniform: false, once: null });

/**
 * ⌊a/b⌉ towards zero; by 0 it is 0, as an infinity or NaN is when stored to a whole number. −2³¹ / −1 does not fit and
 * wraps round to itself, as −a does, where the machine would trap: so division by −1 is a negation.
 */
function signedQuotient(locals: Locals, a: Operand, b: Operand): Code {
  const negating = i32x4.eq(b.get, locals.constant(minusOne));
  const by = safe(locals, b.get, v128.or(i32x4.eq(b.get, locals.constant(zero)), negating));
  const quotient = lanewise(locals, a, operand(by.local), i32.divS);
  const signs = v128.bitselect(i32x4.neg(a.get), quotient, negating);
  return [by.set, v128.andnot(signs, i32x4.eq(b.get, locals.constant(zero)))];
}

function unsignedQuotient(locals: Locals, a: Operand, b: Operand): Code {
  const none = i32x4.eq(b.get, locals.constant(zero));
  const by = safe(locals, b.get, none);
  return [by.set, v128.andnot(lanewise(locals, a, operand(by.local), i32.divU), none)];
}

/** The remainder with the sign of the divisor; of 0 it is 0, which a remainder by 1 is, too. */
function signedRemainder(locals: Locals, a: Operand, b: Operand): Code {
  const by = safe(locals, b.get, i32x4.eq(b.get, locals.constant(zero)));
  const rest = locals.add(types.v128);
  // Of unlike sign, and not 0: a step of the divisor towards it.
  const unlike = i32x4.ltS(v128.xor(rest.get, b.get), locals.constant(zero));
  const correction = v128.andnot(v128.and(unlike, b.get), i32x4.eq(rest.get, locals.constant(zero)));
  return [by.set, rest.set(lanewise(locals, a, operand(by.local), i32.remS)), i32x4.add(rest.get, correction)];
}

function unsignedRemainder(locals: Locals, a: Operand, b: Operand): Code {
  const by = safe(locals, b.get, i32x4.eq(b.get, locals.constant(zero)));
  return [by.set, lanewise(locals, a, operand(by.local), i32.remU)];
}

const shared: Readonly<Record<string, Call>> = {
  neg: (_, x) => i32x4.neg(x.get),
  square: (_, x) => i32x4.mul(x.get, x.get),
  not: (_, x) => v128.not(x.get),
  add: (_, a, b) => i32x4.add(a.get, b.get),
  sub: (_, a, b) => i32x4.sub(a.get, b.get),
  mul: (_, a, b) => i32x4.mul(a.get, b.get),
  equal: (_, a, b) => i32x4.eq(a.get, b.get),
  notEqual: (_, a, b) => i32x4.ne(a.get, b.get),
  and: (_, a, b) => v128.and(a.get, b.get),
  or: (_, a, b) => v128.or(a.get, b.get),
  xor: (_, a, b) => v128.xor(a.get, b.get),
  shiftLeft: (locals, a, b) => shift(locals, a, b, i32x4.shl, i32.shl),
};

export const signedIntegers: Readonly<Record<string, Call>> = {
  ...shared,
  abs: (_, x) => i32x4.abs(x.get),
  sign: (locals, x) => i32x4.maxS(i32x4.minS(x.get, locals.constant(one)), locals.constant(minusOne)),
  relu: (locals, x) => i32x4.maxS(x.get, locals.constant(zero)),
  div: signedQuotient,
  mod: signedRemainder,
  maximum: (_, a, b) => i32x4.maxS(a.get, b.get),
  minimum: (_, a, b) => i32x4.minS(a.get, b.get),
  less: (_, a, b) => i32x4.ltS(a.get, b.get),
  lessEqual: (_, a, b) => i32x4.leS(a.get, b.get),
  greater: (_, a, b) => i32x4.gtS(a.get, b.get),
  greaterEqual: (_, a, b) => i32x4.geS(a.get, b.get),
  shiftRight: (locals, a, b) => shift(locals, a, b, i32x4.shrS, i32.shrS),
};

export const unsignedIntegers: Readonly<Record<string, Call>> = {
  ...shared,
  abs: (_, x) => x.get,
  sign: (locals, x) => i32x4.minU(x.get, locals.constant(one)),
  relu: (_, x) => x.get,
  div: unsignedQuotient,
  mod: unsignedRemainder,
  maximum: (_, a, b) => i32x4.maxU(a.get, b.get),
  minimum: (_, a, b) => i32x4.minU(a.get, b.get),
  less: (_, a, b) => i32x4.ltU(a.get, b.get),
  lessEqual: (_, a, b) => i32x4.leU(a.get, b.get),
  greater: (_, a, b) => i32x4.gtU(a.get, b.get),
  greaterEqual: (_, a, b) => i32x4.geU(a.get, b.get),
  shiftRight: (locals, a, b) => shift(locals, a, b, i32x4.shrU, i32.shrU),
};
