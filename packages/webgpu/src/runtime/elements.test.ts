import { dtypeOf, hostArray, type DType } from "@steelyard/core";
import { describe, expect, test } from "vitest";
import { decoded, deviceBytes, encoded, encodeInto, wordOf } from "./elements.ts";

const dtypes: readonly DType[] = ["f32", "f64", "f16", "i32", "u32", "bool"];

describe.each(dtypes)("elements of %s", (dtype) => {
  const values = hostArray(dtype, [0, 1, 0, 1, 1]);

  test("come back as they were, from an array or from mapped memory", () => {
    expect(decoded(dtype, encoded(dtype, values).buffer, 5)).toEqual(values);
    const mapped = new ArrayBuffer(64);
    encodeInto(dtype, mapped, values);
    expect(decoded(dtype, mapped, 5)).toEqual(values);
    expect(dtypeOf(decoded(dtype, mapped, 5))).toBe(dtype);
  });

  test("take four bytes on the device, and eight as f64", () => {
    expect(deviceBytes(dtype, 5)).toBe(dtype === "f64" ? 40 : 20);
    expect(encoded(dtype, values).byteLength).toBe(deviceBytes(dtype, 5));
  });
});

test("a result of the host is rounded to its dtype", () => {
  expect([...encoded("f16", new Float32Array([1 / 3, 70_000]))]).toEqual([0.333251953125, Infinity]);
  expect([...encoded("bool", new Float64Array([0, 0.5, NaN, -3]))]).toEqual([0, 1, 1, 1]);
  expect([...encoded("i32", new Float64Array([-1.5, 2 ** 31]))]).toEqual([-1, -(2 ** 31)]);
});

test("runtime numbers are the bits of their dtype", () => {
  expect(wordOf("f32", 1)).toBe(0x3f80_0000);
  expect(wordOf("f32", -0)).toBe(0x8000_0000);
  // Rounded to f16, kept as f32.
  expect(wordOf("f16", 1 / 3)).toBe(0x3eaa_a000);
  expect(wordOf("i32", -1)).toBe(0xffff_ffff);
  expect(wordOf("u32", 2 ** 32 - 1)).toBe(0xffff_ffff);
  expect(wordOf("bool", 7)).toBe(1);
});
