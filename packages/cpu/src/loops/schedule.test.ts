import { describe, expect, test } from "vitest";
import type { Accumulator, Affine, Expr, LoopKernel } from "@steelyard/compiler";
import { scheduleOf, usualChunk } from "./schedule.ts";

const at = (...coefficients: readonly number[]): Affine => ({ constant: 0, coefficients });
const load = (index: Affine): Expr => ({ kind: "load", dtype: "f32", buffer: 0, at: index });
const sum = (from: Affine): Accumulator => ({ op: "sum", dtype: "f32", expr: load(from) });
const usual = 32768;

function kernel(
  space: readonly number[],
  reduced: readonly number[],
  accumulators: readonly Accumulator[],
  to: Affine,
  expr: Expr,
): LoopKernel {
  const stores = [{ buffer: 1, at: to, expr }];
  return { kind: "loop", name: "any", space, reduced, accumulators, stores, buffers: ["f32", "f32"], numbers: [] };
}

const result: Expr = { kind: "accumulator", dtype: "f32", position: 0 };

describe("the schedule of a loop", () => {
  test("sums over rows keep columns in lanes: each loads whole vectors", () => {
    const { lanes, kind } = scheduleOf(kernel([64], [1000], [sum(at(1, 64))], at(1, 0), result), usual);
    expect([lanes, kind]).toEqual([0, "space"]);
  });

  test("sums along rows have their terms in lanes", () => {
    const { lanes, kind, vectors } = scheduleOf(kernel([64], [1000], [sum(at(1000, 1))], at(1, 0), result), usual);
    expect([lanes, kind, vectors]).toEqual([1, "reduced", 8]);
  });

  test("a choice keeps the order of its terms, so its lanes are points", () => {
    const choose: Accumulator = {
      op: "choose",
      dtype: "f32",
      expr: load(at(1000, 1)),
      least: false,
      value: load(at(1000, 1)),
    };
    const { lanes, kind } = scheduleOf(kernel([64], [1000], [choose], at(1, 0), result), usual);
    expect([lanes, kind]).toEqual([0, "space"]);
  });

  test("a transposition has lanes along what is stored, and blocks along what is loaded", () => {
    const { lanes, tile, outer } = scheduleOf(
      kernel([8, 100, 200], [], [], at(20000, 200, 1), load(at(20000, 1, 100))),
      usual,
    );
    expect([lanes, tile, outer]).toEqual([2, 1, [0, 1]]);
  });

  test("three channels are not worth more than rows of their own", () => {
    const { lanes } = scheduleOf(kernel([5000, 3], [], [], at(3, 1), load(at(0, 1))), usual);
    expect(lanes).toBe(1);
  });

  test("chunks of large kernels are larger, but never few", () => {
    const points = [1000, 2 ** 20, 2 ** 22, 2 ** 24, 2 ** 26];
    const map = (n: number): LoopKernel => kernel([n], [], [], at(1), load(at(1)));
    expect(points.map((n) => usualChunk(map(n)) / 1024)).toEqual([32, 32, 64, 128, 128]);
    const rows = kernel([2 ** 12], [2 ** 10], [sum(at(2 ** 10, 1))], at(1, 0), result);
    expect(usualChunk(rows) / 1024).toBe(64);
  });

  test("chunks cut the outermost axis that leaves enough inside, evenly", () => {
    const rows = kernel([100, 10, 1000], [], [], at(10000, 1000, 1), load(at(0, 1000, 1)));
    expect(scheduleOf(rows, usual).split).toEqual({ before: 0, points: 3, blocks: 34 });
    const long = kernel([3, 1_000_000], [], [], at(1_000_000, 1), load(at(0, 1)));
    expect(scheduleOf(long, usual).split).toEqual({ before: 1, points: 32272, blocks: 31 });
  });

  test("what stores several values has as many chunks more", () => {
    const one = kernel([100, 10, 1000], [], [], at(10000, 1000, 1), load(at(0, 1000, 1)));
    const store = one.stores[0]!;
    expect(scheduleOf({ ...one, stores: [store, store, store] }, usual).split).toEqual({
      before: 0,
      points: 1,
      blocks: 100,
    });
  });

  test("what is little is one chunk", () => {
    expect(scheduleOf(kernel([256, 256], [], [], at(256, 1), load(at(0, 1))), usual).split).toBeNull();
  });
});
