import { describe, expect, test } from "vitest";
import {
  broadcastTo,
  clamp,
  conv,
  full,
  grad,
  gradients,
  maxPool,
  mul,
  pad,
  reshape,
  sigmoid,
  sum,
  tensor,
  type Tensor,
} from "../src/index.ts";
import { numbers } from "./rounding.ts";

/** The slope of each element of x in Σ f(x). */
const slope = (f: (x: Tensor) => Tensor, at: number[]): number[] => {
  const x = tensor(at, { dtype: "f64" });
  return numbers(gradients(sum(f(x)), [x])[0]!);
};

const pooled = (x: Tensor): Tensor => maxPool(reshape(x, [1, 4, 1]), { window: 2 });

describe("kinks have one answer, written down", () => {
  test("relu′(0) = 0, |x|′(0) = 0, sign, floor and round are flat", () => {
    expect(slope((x) => x.relu(), [-1, 0, 2])).toEqual([0, 0, 1]);
    expect(slope((x) => x.abs(), [-1, 0, 2])).toEqual([-1, 0, 1]);
    expect(slope((x) => x.sign().add(x.floor()).add(x.round()), [-1, 0, 2.5])).toEqual([0, 0, 0]);
  });

  test("maximum(a, a) and minimum(a, a) give a half to each side", () => {
    for (const f of [(a: Tensor, b: Tensor) => a.maximum(b), (a: Tensor, b: Tensor) => a.minimum(b)]) {
      const [a, b] = [tensor([1, 2]), tensor([1, 2])];
      expect(gradients(sum(f(a, b)), [a, b]).map(numbers)).toEqual([
        [0.5, 0.5],
        [0.5, 0.5],
      ]);
    }
  });

  test("max, min and max pooling: the first of equals takes all", () => {
    expect(slope((x) => x.max(), [1, 3, 3])).toEqual([0, 1, 0]);
    expect(slope((x) => x.min(), [3, 1, 1])).toEqual([0, 1, 0]);
    expect(slope(pooled, [5, 5, 0, 0])).toEqual([1, 0, 1, 0]);
  });

  test("where leaks no NaN and no infinity from the branch not taken, in any order of derivative", () => {
    const x = tensor([0, 4], { dtype: "f64" });
    const positive = x.greater(0);
    const y = positive.where(x, 1).sqrt();
    const safe = positive.where(y, 0);
    const [first] = gradients(sum(safe), [x]);
    expect(numbers(first!)).toEqual([0, 0.25]);
    expect(numbers(gradients(sum(first!), [x])[0]!)).toEqual([0, -1 / 32]);
    const nan = tensor([NaN, NaN], { dtype: "f64" });
    expect(numbers(gradients(sum(positive.where(x, mul(nan, 0))), [x])[0]!)).toEqual([0, 1]);
  });

  test("prod at zeros: none, one, two of them, and its derivative", () => {
    expect(slope((x) => x.prod(), [2, 3, 5])).toEqual([15, 10, 6]);
    expect(slope((x) => x.prod(), [2, 0, 5])).toEqual([0, 10, 0]);
    expect(slope((x) => x.prod(), [0, 3, 0])).toEqual([0, 0, 0]);
    expect(slope((x) => grad((at) => at.prod())(x)[0]!, [0, 3, 0])).toEqual([3, 0, 3]);
  });

  test("the norm at the zero vector has gradient 0", () => {
    expect(slope((x) => x.norm(), [0, 0])).toEqual([0, 0]);
    expect(slope((x) => grad((at) => sum(at.norm()))(x)[0]!, [0, 0])).toEqual([0, 0]);
  });

  test("powers at base 0 are finite where they should be", () => {
    expect(slope((x) => x.pow(2), [0, 3])).toEqual([0, 6]);
    expect(slope((x) => x.pow(0), [0, 3])).toEqual([0, 0]);
    expect(slope((x) => x.pow(1), [0, 3])).toEqual([1, 1]);
    expect(slope((x) => grad((at) => sum(at.pow(2)))(x)[0]!, [0, 3])).toEqual([2, 2]);
  });

  test("clamp passes the gradient at its bounds and stops it outside", () => {
    expect(slope((x) => clamp(x, -1, 1), [-2, -1, 0, 1, 2])).toEqual([0, 1, 1, 1, 0]);
  });

  test("saturated functions have finite derivatives", () => {
    const far = [-800, 800];
    expect(slope((x) => x.sigmoid(), far)).toEqual([0, 0]);
    expect(slope((x) => x.softplus(), far)).toEqual([0, 1]);
    expect(slope((x) => x.tanh(), far)).toEqual([0, 0]);
    expect(slope((x) => x.elu(), far)).toEqual([0, 1]);
    expect(slope((x) => x.logSoftmax().mul(tensor([1, 0], { dtype: "f64" })), far)).toEqual([1, -1]);
  });

  test("padding is a mask around the whole expression: conv(pad(sigmoid(x))) sees zeros at the border, not halves", () => {
    const x = full([1, 2, 2, 1], 0);
    const ones = full([3, 3, 1, 1], 1);
    const byConv = conv(sigmoid(x), ones, { padding: "same" });
    const byHand = conv(
      pad(sigmoid(x), [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ]),
      broadcastTo(ones, [3, 3, 1, 1]),
    );
    expect(numbers(byConv)).toEqual([2, 2, 2, 2]);
    expect(numbers(byHand)).toEqual([2, 2, 2, 2]);
  });
});
