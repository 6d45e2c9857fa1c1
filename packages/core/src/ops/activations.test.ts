import { describe, expect, test } from "vitest";
import { values } from "../../test/whole.ts";
import {
  add,
  clamp,
  elu,
  interpret,
  f64Algebra,
  gelu,
  gradients,
  isFinite,
  isNaN,
  leakyRelu,
  silu,
  sum,
  tensor,
  type Tensor,
} from "../index.ts";

const inF64 = (f: (x: Tensor) => Tensor, list: number[]): number[] =>
  Array.from(interpret(f64Algebra, [f(tensor(list, { dtype: "f64" }))])[0]!.planes[0]!);
const slopes = (f: (x: Tensor) => Tensor, list: number[]): number[] => {
  const x = tensor(list);
  return values(gradients(sum(f(x)), [x])[0]!);
};

describe("activations", () => {
  test("gelu is x·Φ(x), and its tanh form is near it", () => {
    // x·(1 + erf(x/√2))/2 to 16 digits.
    const expected = [-0.15865525393145705, 0, 0.34573123063700656, 1.9544997361036416];
    inF64(gelu, [-1, 0, 0.5, 2]).forEach((y, i) => expect(y).toBeCloseTo(expected[i]!, 14));
    // The approximation is within 5e-4 everywhere.
    inF64((x) => gelu(x, { approximate: "tanh" }), [-1, 0, 0.5, 2]).forEach((y, i) =>
      expect(Math.abs(y - expected[i]!)).toBeLessThan(5e-4),
    );
  });

  test("silu, elu and leakyRelu follow their formulas", () => {
    expect(inF64(silu, [2])[0]).toBeCloseTo(2 / (1 + Math.exp(-2)), 15);
    expect(inF64((x) => elu(x, 2), [-1, 0, 3])).toEqual([2 * Math.expm1(-1), 0, 3]);
    expect(inF64((x) => leakyRelu(x, 0.25), [-4, 0, 4])).toEqual([-1, 0, 4]);
  });

  test("elu has slope alpha at 0: for 1 both sides agree", () => {
    expect(slopes(elu, [-0, 0])).toEqual([1, 1]);
    expect(slopes((x) => elu(x, 2), [0])).toEqual([2]);
  });

  test("elu has a finite gradient where its exponential would overflow", () => {
    expect(slopes(elu, [1000, -1000])).toEqual([1, 0]);
  });

  test("a slope that is a tensor has a gradient", () => {
    const slope = tensor(0.5);
    expect(values(gradients(sum(leakyRelu(tensor([-4, 3]), slope)), [slope])[0]!)).toEqual([-4]);
  });
});

describe("clamp", () => {
  test("limits, and keeps NaN", () => {
    expect(values(clamp(tensor([-2, -1, 0.5, 1, 2, NaN]), -1, 1))).toEqual([-1, -1, 0.5, 1, 1, NaN]);
  });

  test("passes its gradient at the bounds and stops it outside", () => {
    expect(slopes((x) => clamp(x, -1, 1), [-2, -1, 0.5, 1, 2])).toEqual([0, 1, 1, 1, 0]);
  });

  test("gives the gradient outside to a bound that is a tensor", () => {
    const low = tensor(-1);
    const y = sum(clamp(tensor([-2, -3, 0]), low, 1));
    expect(values(gradients(y, [low])[0]!)).toEqual([2]);
  });
});

describe("questions about numbers", () => {
  const odd = tensor([1, Infinity, -Infinity, NaN]);

  test("isFinite and isNaN answer by comparing", () => {
    expect(values(isFinite(odd))).toEqual([1, 0, 0, 0]);
    expect(values(isNaN(add(odd, 1)))).toEqual([0, 0, 0, 1]);
    expect(values(isFinite(tensor([0, -5], { dtype: "i32" })))).toEqual([1, 1]);
    expect(values(isFinite(tensor([0, 1], { dtype: "bool" })))).toEqual([1, 1]);
  });
});
