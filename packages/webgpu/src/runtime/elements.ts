import { hostArray, roundToHalf, type DType, type HostArray } from "@steelyard/core";

// Elements on the device take four bytes, f64 eight: an f16 is an f32 that was rounded, a bool a word of 0 or 1.

type DeviceArray = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>; // prettier-ignore

const arrayTypes = {
  f32: Float32Array,
  f16: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  u32: Uint32Array,
  bool: Uint32Array,
};

export function deviceBytes(dtype: DType, elements: number): number {
  return elements * arrayTypes[dtype].BYTES_PER_ELEMENT;
}

/** Values as the device holds them, rounded to the dtype: their own array where it holds just that. */
export function encoded(dtype: DType, values: ArrayLike<number>): DeviceArray {
  const Elements = arrayTypes[dtype];
  // An f16 that comes as an f32 has not been rounded.
  if (values instanceof Elements && dtype !== "f16" && dtype !== "bool") return values as DeviceArray;
  const elements = new Elements(values.length);
  storeElements(dtype, elements, values);
  return elements;
}

/** The same, written to memory of the device that is mapped. */
export function encodeInto(dtype: DType, memory: ArrayBuffer, values: ArrayLike<number>): void {
  storeElements(dtype, new arrayTypes[dtype](memory, 0, values.length), values);
}

function storeElements(dtype: DType, target: DeviceArray, values: ArrayLike<number>): void {
  if (dtype === "f16") for (let i = 0; i < values.length; i++) target[i] = roundToHalf(values[i]!);
  else if (dtype === "bool") for (let i = 0; i < values.length; i++) target[i] = values[i] === 0 ? 0 : 1;
  else target.set(values);
}

/** A copy on the host of what the device holds. */
export function decoded(dtype: DType, memory: ArrayBuffer, elements: number): HostArray {
  return hostArray(dtype, new arrayTypes[dtype](memory, 0, elements));
}

const word = new Float32Array(1);
const wordBits = new Uint32Array(word.buffer);

/** A runtime number as the word that kernels read. */
export function wordOf(dtype: DType, value: number): number {
  if (dtype === "i32" || dtype === "u32") return value >>> 0;
  if (dtype === "bool") return value === 0 ? 0 : 1;
  // An f16 is computed in f32, and rounded when it is stored: twice, like everywhere.
  word[0] = dtype === "f16" ? roundToHalf(Math.fround(value)) : value;
  return wordBits[0]!;
}
