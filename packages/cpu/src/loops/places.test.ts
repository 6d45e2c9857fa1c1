import type { Affine, Expr, LoopKernel } from "@steelyard/compiler";
import { expect, test } from "vitest";
import { runLoop, simulated } from "../../test/loops/run-loop.ts";

const place = (constant: number): Affine => ({ constant, coefficients: [1] });
const load = (buffer: number, constant = 0): Expr => ({ kind: "load", dtype: "f32", buffer, at: place(constant) });
const map = (space: number, stores: LoopKernel["stores"]): LoopKernel => ({
  kind: "loop",
  name: "places",
  space: [space],
  reduced: [],
  accumulators: [],
  stores,
  buffers: ["f32", "f32"],
  numbers: [],
});

test("values that change places are all read before the first is stored", () => {
  const swap = map(9, [
    { buffer: 0, at: place(0), expr: load(1) },
    { buffer: 1, at: place(0), expr: load(0) },
  ]);
  const [a, b] = [1, 100].map((factor) => Float32Array.from({ length: 9 }, (_, i) => factor * (i + 1)));
  expect(runLoop(swap, [a!, b!])).toEqual([b, a]);
});

test("a place far before its buffer lends nobody its address", () => {
  const [size, far] = [100, 20_000];
  const zero: Expr = { kind: "constant", dtype: "f32", value: 0 };
  const within = (constant: number): Expr => {
    const guards = [{ index: place(constant), size }];
    return { kind: "guarded", dtype: "f32", guards, value: load(0, constant), otherwise: zero };
  };
  const expr: Expr = { kind: "call", dtype: "f32", name: "add", args: [within(-far), within(0)] };
  const kernel = map(size + far, [{ buffer: 1, at: place(0), expr }]);
  const buffers = [Float32Array.from({ length: size }, (_, i) => i + 1), new Float32Array(size + far)];
  expect(runLoop(kernel, buffers, [], { place: "first" })).toEqual(simulated(kernel, buffers));
});
