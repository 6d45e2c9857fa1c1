import { isFloat, roundToHalf as roundedToHalf, type DType } from "@steelyard/core";
import { f32x4, i32x4, v128, type Code, type Locals } from "../assembler/assembler.ts";
import { roundToHalf } from "../functions/half.ts";

// How values of each dtype lie in a vector: floats as f32, whole numbers as 32 bits, truth values as masks of all bits or
// none. In memory a truth value is 0 or 1.

/** A number of a dtype in all lanes. */
export function constantVector(locals: Locals, dtype: DType, value: number): Code {
  if (dtype === "bool") return locals.constant(splatWord(value === 0 ? 0 : -1));
  if (!isFloat(dtype)) return locals.constant(splatWord(value | 0));
  const float = dtype === "f16" ? roundedToHalf(Math.fround(value)) : Math.fround(value);
  return locals.constant(f32x4.const(float, float, float, float));
}

function splatWord(word: number): Code {
  return i32x4.const(word, word, word, word);
}

/** What four bytes of memory mean. */
export function fromMemory(dtype: DType, code: Code): Code {
  return dtype === "bool" ? i32x4.neg(code) : code;
}

export function toMemory(dtype: DType, code: Code): Code {
  return dtype === "bool" ? i32x4.neg(code) : code;
}

/** A whole number, as the value of an index is, in a dtype. */
export function fromIndex(locals: Locals, dtype: DType, code: Code): Code {
  return castCode(locals, "i32", dtype, code);
}

/** Fractions are cut off, what is out of range becomes the nearest number in range, NaN 0; all but 0 is true. */
export function castCode(locals: Locals, from: DType, to: DType, code: Code): Code {
  if (from === to) return code;
  if (to === "bool") return isFloat(from) ? f32x4.ne(code, zero) : v128.not(i32x4.eq(code, zero));
  if (!isFloat(to)) return toWhole(locals, from, to, code);
  const float = toFloat(locals, from, code);
  return to === "f16" ? roundToHalf(locals, float) : float;
}

const zero = f32x4.const(0, 0, 0, 0);

function toWhole(locals: Locals, from: DType, to: DType, code: Code): Code {
  if (from === "bool") return i32x4.neg(code);
  if (!isFloat(from)) return code;
  return to === "i32" ? i32x4.truncSatF32x4S(code) : i32x4.truncSatF32x4U(code);
}

function toFloat(locals: Locals, from: DType, code: Code): Code {
  if (from === "bool") return v128.and(code, constantVector(locals, "f32", 1));
  if (from === "i32") return f32x4.convertI32x4S(code);
  return from === "u32" ? f32x4.convertI32x4U(code) : code;
}
