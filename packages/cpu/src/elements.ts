import { hostArray, roundToHalf, type DType, type HostArray } from "@steelyard/core";
import type { DeviceMemory } from "./runtime/memory.ts";

// Elements on the device take four bytes, f64 eight: an f16 is an f32 that was rounded, a bool a word of 0 or 1.

export function deviceBytes(dtype: DType, elements: number): number {
  return elements * (dtype === "f64" ? 8 : 4);
}

/** The elements at an address, in place, as the array type that holds them on the device. */
export function elementsAt(memory: DeviceMemory, dtype: DType, address: number, elements: number): HostArray {
  if (dtype === "f64") return new Float64Array(memory.wasm.buffer, address, elements);
  if (dtype === "f32" || dtype === "f16") return memory.f32(address, elements);
  return dtype === "u32" ? memory.u32(address, elements) : memory.i32(address, elements);
}

/** Stores values, rounded to the dtype. */
export function storeElements(memory: DeviceMemory, dtype: DType, address: number, values: ArrayLike<number>): void {
  const target = elementsAt(memory, dtype, address, values.length);
  if (dtype === "f16") for (let i = 0; i < values.length; i++) target[i] = roundToHalf(values[i]!);
  else if (dtype === "bool") for (let i = 0; i < values.length; i++) target[i] = values[i] === 0 ? 0 : 1;
  else target.set(values);
}

const word = new Float32Array(1);
const wordBits = new Int32Array(word.buffer);

/** A runtime number as the four bytes that kernels read. */
export function wordOf(dtype: DType, value: number): number {
  if (dtype === "i32" || dtype === "u32") return value | 0;
  if (dtype === "bool") return value === 0 ? 0 : 1;
  // An f16 is computed in f32, and rounded when it is stored: twice, like everywhere.
  word[0] = dtype === "f16" ? roundToHalf(Math.fround(value)) : value;
  return wordBits[0]!;
}

/** A copy on the host. */
export function loadElements(memory: DeviceMemory, dtype: DType, address: number, elements: number): HostArray {
  return hostArray(dtype, elementsAt(memory, dtype, address, elements));
}
