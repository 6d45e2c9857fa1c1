import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "@steelyard/core";
import { batches, piecewise, takeRows } from "./index.ts";
import { fuzz } from "../test/fuzz.ts";

const key = random.key(11);
const flat = (parts: Iterable<Int32Array>): number[] => [...parts].flatMap((part) => [...part]);

describe("batches", () => {
  it("hold every index exactly once in each epoch, in full batches but for the last", () => {
    const sizes = fc.record({ size: fc.integer({ min: 1, max: 200 }), batchSize: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(sizes, fc.nat(1000), fc.boolean(), ({ size, batchSize }, epoch, shuffle) => {
        const parts = [...batches({ size, batchSize, key, epoch, shuffle })];
        expect(flat(parts).toSorted((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
        expect(parts.slice(0, -1).every((part) => part.length === batchSize)).toBe(true);
        const full = [...batches({ size, batchSize, key, epoch, shuffle, dropLast: true })];
        expect(full).toEqual(parts.filter((part) => part.length === batchSize));
      }),
      fuzz(100),
    );
  });

  it("come in an order that key and epoch decide alone", () => {
    const order = (seed: number, epoch: number): number[] =>
      flat(batches({ size: 50, batchSize: 8, key: random.key(seed), epoch }));
    expect(order(1, 0)).toEqual(order(1, 0));
    expect(order(1, 0)).not.toEqual(order(1, 1));
    expect(order(1, 0)).not.toEqual(order(2, 0));
    // Pinned: a record of a run stays valid.
    expect(flat(batches({ size: 8, batchSize: 3, key }))).toMatchInlineSnapshot(`
      [
        1,
        7,
        4,
        5,
        0,
        3,
        2,
        6,
      ]
    `);
  });

  it("put every index at every place equally often", () => {
    const counts = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
    for (let epoch = 0; epoch < 4000; epoch++) {
      flat(batches({ size: 4, batchSize: 4, key, epoch })).forEach((index, place) => counts[place]![index]!++);
    }
    // 1000 expected; the deviation is √(4000·¼·¾) = 27.
    for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(5 * 27);
  });

  it("keep the order of the data without shuffling", () => {
    expect(flat(batches({ size: 5, batchSize: 2, key, shuffle: false }))).toEqual([0, 1, 2, 3, 4]);
  });

  it("need whole sizes", () => {
    expect(() => [...batches({ size: 5, batchSize: 0, key })]).toThrow(
      "batches: needs batchSize: a whole number > 0, got 0",
    );
  });
});

describe("takeRows", () => {
  it("gathers rows into an array of the same type", () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(takeRows(data, 2, [2, 0, 2])).toEqual(Float32Array.of(5, 6, 1, 2, 5, 6));
    expect(takeRows(Int32Array.of(7, 8), 1, Int32Array.of(1))).toEqual(Int32Array.of(8));
    expect(() => takeRows(data, 2, [3])).toThrow("takeRows: needs indices in 0 … 2, got 3 at 0");
  });
});

describe("piecewise", () => {
  it("holds each rate until the next begins", () => {
    const rate = piecewise([
      [0, 0.1],
      [60_000, 0.01],
      [80_000, 0.001],
    ]);
    expect([0, 59_999, 60_000, 79_999, 80_000, 1e9].map(rate)).toEqual([0.1, 0.1, 0.01, 0.01, 0.001, 0.001]);
    expect(() => piecewise([[1, 0.1]])).toThrow("piecewise: needs steps that start at 0 and grow, got [1]");
  });
});
