import { roundToHalf, type DType } from "@steelyard/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "../test/fuzz.ts";
import { deviceBytes, elementsAt, loadElements, storeElements, wordOf } from "./elements.ts";
import { deviceMemory } from "./runtime/memory.ts";

const memory = deviceMemory({ limit: 2 ** 20 });

/** What a dtype makes of numbers, as core's interpreter stores them. */
const stored: Readonly<Record<DType, (values: readonly number[]) => number[]>> = {
  f32: (values) => [...Float32Array.from(values)],
  f64: (values) => [...values],
  f16: (values) => values.map((value) => roundToHalf(Math.fround(value))),
  i32: (values) => [...Int32Array.from(values)],
  u32: (values) => [...Uint32Array.from(values)],
  bool: (values) => values.map((value) => (value === 0 ? 0 : 1)),
};
const dtypes = Object.keys(stored) as DType[];
const odd = [0, 1, -1, 2.5, -2.5, 0.1, 65_504, 65_520, 1e-7, 2 ** -25, 2 ** 31, 2 ** 32 - 1, -(2 ** 31), 256];
// Halfway between two neighbours in f16 but for less than an f32 can tell.
const tie = 1 + 2 ** -11 + 2 ** -40;

describe.each(dtypes)("elements of dtype %s", (dtype) => {
  test("come back as they were stored, each in its four bytes (of f64 in eight)", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...odd), fc.integer(), fc.float({ noNaN: true }))), (values) => {
        // Values come from arrays of their own dtype.
        const own = stored[dtype](values);
        const address = memory.allocate(deviceBytes(dtype, own.length), "elements");
        storeElements(memory, dtype, address, own);
        expect([...loadElements(memory, dtype, address, own.length)]).toEqual(own);
        expect(elementsAt(memory, dtype, address, own.length).byteLength).toBe(deviceBytes(dtype, own.length));
        memory.free(address);
      }),
      fuzz(50),
    );
  });

  test("read by the host are a copy", () => {
    const address = memory.allocate(deviceBytes(dtype, 1), "element");
    storeElements(memory, dtype, address, [1]);
    const copy = loadElements(memory, dtype, address, 1);
    storeElements(memory, dtype, address, [0]);
    expect([...copy]).toEqual([1]);
    memory.free(address);
  });
});

test("an f16 is rounded when it is stored, a bool is 0 or 1", () => {
  const address = memory.allocate(16, "elements");
  storeElements(memory, "f16", address, [0.1, 65_520, 1e-9]);
  expect([...memory.f32(address, 3)]).toEqual([roundToHalf(0.1), Infinity, 0]);
  storeElements(memory, "bool", address, [3, 0, -0, NaN]);
  expect([...memory.i32(address, 4)]).toEqual([1, 0, 0, 1]);
  memory.free(address);
});

describe("a runtime number", () => {
  test.each(dtypes.filter((dtype) => dtype !== "f64"))("is the word that kernels read as %s", (dtype) => {
    const address = memory.allocate(4, "word");
    for (const value of [...odd, tie]) {
      memory.i32(address, 1)[0] = wordOf(dtype, value);
      expect([...loadElements(memory, dtype, address, 1)]).toEqual(stored[dtype]([value]));
    }
    memory.free(address);
  });
});
