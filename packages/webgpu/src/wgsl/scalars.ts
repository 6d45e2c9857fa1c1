import { isFloat, roundToHalf, type DType } from "@steelyard/core";

// How values of each dtype are held: in registers floats as f32 (those of f16 rounded to it), whole numbers as they are
// and truth values as bool; in memory four bytes each, a truth value as 0 or 1.

/** The WGSL type of a value. */
export function valueType(dtype: DType): "f32" | "i32" | "u32" | "bool" {
  if (isFloat(dtype)) return "f32";
  return dtype === "i32" || dtype === "u32" ? dtype : "bool";
}

/** The WGSL type of an element in memory. */
export function storageType(dtype: DType): "f32" | "i32" | "u32" {
  const type = valueType(dtype);
  return type === "bool" ? "u32" : type;
}

/** The value of what was read from memory. */
export function fromStorage(dtype: DType, text: string): string {
  return dtype === "bool" ? `(${text} != 0u)` : text;
}

/** What is written to memory for a value. */
export function toStorage(dtype: DType, text: string): string {
  return dtype === "bool" ? `u32(${text})` : text;
}

/** The value whose bits are a word of the uniform. */
export function fromWord(dtype: DType, word: string): string {
  if (dtype === "bool") return `(${word} != 0u)`;
  if (dtype === "u32") return word;
  const value = `bitcast<${valueType(dtype)}>(${word})`;
  return dtype === "f16" ? `to_f16(${value})` : value;
}

/** A constant, in its dtype. */
export function literal(dtype: DType, value: number): string {
  if (dtype === "bool") return String(value !== 0);
  if (dtype === "u32") return `${value >>> 0}u`;
  if (dtype === "i32") return wholeLiteral(value | 0);
  return floatLiteral(dtype === "f16" ? roundToHalf(Math.fround(value)) : Math.fround(value));
}

function wholeLiteral(value: number): string {
  // The smallest one is no literal: the minus is an operator, and what it is for would be too large.
  return value === -0x80000000 ? "bitcast<i32>(0x80000000u)" : `${value}i`;
}

function floatLiteral(value: number): string {
  // The shortest decimal of the largest number is larger, which is an error.
  const ordinary = Math.abs(value) >= 2 ** -126 && Math.abs(value) < 3.4e38;
  if (ordinary || Object.is(value, 0)) return `${shortest(value)}f`;
  return fromBits(new Uint32Array(Float32Array.of(value).buffer)[0]!);
}

/** The shortest decimal that reads as this f32. */
function shortest(value: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return /[.e]/u.test(String(text)) ? String(text) : `${text}.0`;
  }
  return String(value);
}

/**
 * An f32 by its bits. No expression of constants may be NaN or infinite, and what is done with subnormals and −0 at compile
 * time is not said: so a variable takes part, which is 0, though compilers cannot know.
 */
function fromBits(bits: number): string {
  return `bitcast<f32>(0x${bits.toString(16).padStart(8, "0")}u | zero_bits)`;
}

/** A constant as a value of which compilers know nothing. */
export function hidden(dtype: DType, text: string): string {
  const type = valueType(dtype);
  if (type === "bool") return text;
  return type === "u32" ? `(${text} | zero_bits)` : `bitcast<${type}>(bitcast<u32>(${text}) | zero_bits)`;
}

/** A value of one dtype as one of another: fractions are cut off, what is out of range is the nearest in range, NaN is 0. */
export function castText(from: DType, to: DType, text: string): string {
  if (from === to || (from === "f16" && to === "f32")) return text;
  if (to === "bool") return isFloat(from) ? `is_not_zero(${text})` : `(${text} != ${literal(from, 0)})`;
  if (!isFloat(to)) return isFloat(from) ? `${to}_of_f32(${text})` : `${to}(${text})`;
  const float = isFloat(from) ? text : `${from === "u32" ? "f32_of_u32" : "f32"}(${text})`;
  return to === "f16" ? `to_f16(${float})` : float;
}

/** Functions that the texts above call. None has a branch: compilers take long for many of those one behind the other. */
export const scalarHelpers: Readonly<Record<string, string>> = {
  to_f16: `\
// The nearest f16, of two equally near ones the even one: infinity from 65520 on, subnormals below 2^-14.
fn to_f16(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  // Thirteen bits go, and half of what they can hold is added before.
  let normal = (size + 0xfffu + ((size >> 13u) & 1u)) & 0xffffe000u;
  // Multiples of 2^-24: the significand, shifted so far that its last bit is worth that.
  let shift = min(126u - min(size >> 23u, 112u), 25u);
  let significand = (size & 0x7fffffu) | 0x800000u;
  let whole = significand >> shift;
  let rest = significand & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  let up = u32(rest > half) | (u32(rest == half) & whole & 1u);
  let subnormal = bitcast<u32>(f32(i32(whole + up)) * 0x1p-24f);
  let finite = select(normal, subnormal, size < 0x38800000u);
  let all = select(select(finite, 0x7f800000u, size >= 0x477ff000u), size, size > 0x7f800000u);
  return bitcast<f32>((bits & 0x80000000u) | all);
}`,
  is_not_zero: `\
// By bits, since a subnormal number may count as 0 in a comparison.
fn is_not_zero(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) != 0u;
}`,
  i32_of_f32: `\
// Towards zero; the nearest i32 where it is out of range, and 0 for NaN.
fn i32_of_f32(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  let size = bits & 0x7fffffff;
  let whole = i32(select(x, 0.0f, size >= 0x4f000000));
  let end = select(0x7fffffff, bitcast<i32>(0x80000000u), bits < 0);
  return select(select(whole, end, size >= 0x4f000000), 0, size > 0x7f800000);
}`,
  u32_of_f32: `\
// Towards zero; the nearest u32 where it is out of range, and 0 for NaN.
fn u32_of_f32(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let whole = u32(select(x, 0.0f, bits >= 0x4f800000u));
  return select(select(whole, 0xffffffffu, bits >= 0x4f800000u), 0u, bits > 0x7f800000u);
}`,
  f32_of_u32: `\
// The nearest f32. Half by half, each of which is one: SwiftShader rounds large u32 twice.
fn f32_of_u32(x: u32) -> f32 {
  return f32(i32(x >> 16u)) * 65536.0 + f32(i32(x & 0xffffu));
}`,
  rising_order: `\
// A whole number for each float, in the order of floats: −0 is 0, and NaN comes behind all.
fn rising_order(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  let size = bits & 0x7fffffff;
  return select(select(size, -size, bits < 0), 0x7fffffff, size > 0x7f800000);
}`,
  falling_order: `\
// A whole number for each float, in the order of falling floats: −0 is 0, and NaN comes behind all.
fn falling_order(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  let size = bits & 0x7fffffff;
  return select(select(-size, size, bits < 0), 0x7fffffff, size > 0x7f800000);
}`,
};
