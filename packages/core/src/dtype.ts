import { Float16Array as PortableFloat16Array } from "@petamoriken/float16";

/** Element types. No device has kernels for f64, which the interpreter computes; f16 is storage: its sums are taken in f32. */
export type DType = "f32" | "f64" | "f16" | "i32" | "u32" | "bool";
/** Values on the host, one array type for each dtype; a bool is a 0 or 1 of a Uint8Array. */
export type HostArray = Float32Array | Float64Array | Float16HostArray | Int32Array | Uint32Array | Uint8Array;
/** The array of f16 values: the engine's own where it has one. */
export type Float16HostArray = Float16Array;

interface HostArrayType {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): HostArray;
  new (values: ArrayLike<number>): HostArray;
}

// Engines before 2025 have no Float16Array; the ponyfill behaves the same and is used only there.
const Half = (globalThis.Float16Array ?? PortableFloat16Array) as unknown as HostArrayType;

const arrayTypes: Readonly<Record<DType, HostArrayType>> = {
  f32: Float32Array,
  f64: Float64Array,
  f16: Half,
  i32: Int32Array,
  u32: Uint32Array,
  bool: Uint8Array,
};

/** Only these carry gradients. */
export function isFloat(dtype: DType): boolean {
  return dtype === "f32" || dtype === "f64" || dtype === "f16";
}

/** Bytes of one element on the host. */
export function bytesOf(dtype: DType): number {
  return arrayTypes[dtype].BYTES_PER_ELEMENT;
}

/** A fresh array of the dtype's host type: zeros, or the given values converted as a store converts them. */
export function hostArray(dtype: DType, source: number | ArrayLike<number>): HostArray {
  const HostArrayOf = arrayTypes[dtype];
  if (typeof source === "number") return new HostArrayOf(source);
  // Uint8Array would keep 2 as 2 and 256 as 0; a bool is 0 or 1.
  return dtype === "bool" ? Uint8Array.from(source, (v) => (v === 0 ? 0 : 1)) : new HostArrayOf(source);
}

/** The dtype whose host array this is. @example dtypeOf(Int32Array.of(1)) // "i32" */
export function dtypeOf(data: HostArray): DType {
  if (data instanceof Float32Array) return "f32";
  if (data instanceof Float64Array) return "f64";
  if (data instanceof Int32Array) return "i32";
  if (data instanceof Uint32Array) return "u32";
  return data instanceof Uint8Array ? "bool" : "f16";
}

/** The nearest f16 value of a number. */
export function roundToHalf(value: number): number {
  scratch[0] = value;
  return scratch[0];
}
const scratch = new Half(1);
