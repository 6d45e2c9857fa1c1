import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import * as st from "../index.ts";

const single = st.runningErrorAlgebra(2 ** -24);
const float = fc.float({ min: -8, max: 8, noNaN: true });
const floats = (n: number): fc.Arbitrary<number[]> => fc.array(float, { minLength: n, maxLength: n });

/** Value and bound of the elements. */
function bounded(y: st.Tensor, algebra: st.Algebra = single): { value: number; bound: number }[] {
  const [values, bounds] = st.interpret(algebra, [y])[0]!.planes;
  return Array.from(values!, (value, i) => ({ value, bound: bounds![i]! }));
}

function expectSound(y: st.Tensor): void {
  const rounded = st.interpret(st.f32Algebra, [y])[0]!.planes[0]!;
  bounded(y).forEach(({ value, bound }, i) => {
    expect(Math.abs(rounded[i]! - value)).toBeLessThanOrEqual(bound);
    // A bound that is always huge would be sound as well; this one has to be of use.
    expect(bound).toBeLessThan(1);
  });
}

describe("a running error", () => {
  // Compositions whose intermediate values stay moderate, so that the bound stays small.
  const functions: Record<string, (a: st.Tensor, b: st.Tensor) => st.Tensor> = {
    "a product of sums": (a, b) => st.mul(st.add(a, b), st.sub(a, st.mul(b, 0.1))),
    "a quotient": (a, b) => st.div(a, st.add(st.square(b), 1)),
    "a chain of functions": (a, b) => st.tanh(st.log1p(st.exp(st.sin(st.add(st.mul(a, b), 0.3))))),
    "roots and powers": (a, b) => st.pow(st.sqrt(st.add(st.abs(a), 0.5)), st.mul(b, 0.25)),
    "kinks and ties": (a, b) => st.maximum(st.relu(st.mul(a, 1.1)), st.minimum(st.mul(b, 0.7), st.abs(a))),
    "a contraction": (a, b) => st.matmul(st.reshape(a, [2, 6]), st.reshape(b, [6, 2])),
    "a softmax": (a, b) => st.softmax(st.mul(a, st.tanh(b)), 0),
    "a mean and a variance": (a, b) => st.div(st.mean(a), st.sqrt(st.add(st.variance(b), 1))),
  };
  for (const [name, f] of Object.entries(functions)) {
    test(`bounds how far f32 is from f64 in ${name}`, () => {
      fc.assert(
        fc.property(floats(12), floats(12), (a, b) => expectSound(f(st.tensor(a), st.tensor(b)))),
        fuzz(100),
      );
    });
  }

  test("bounds a sum in every order, also in the worst", () => {
    fc.assert(
      fc.property(floats(40), (list) => {
        const { value, bound } = bounded(st.sum(st.tensor(list)))[0]!;
        for (const order of [list, list.toReversed(), list.toSorted((a, b) => Math.abs(b) - Math.abs(a))]) {
          const sum = order.reduce((total, x) => Math.fround(total + x), 0);
          expect(Math.abs(sum - value)).toBeLessThanOrEqual(bound);
        }
        // n·u·Σ|x| with n = 40, and as much again for what the books round up.
        expect(bound).toBeLessThanOrEqual(2 * 40 * 2 ** -24 * list.reduce((s, x) => s + Math.abs(x), 0) + 1e-30);
      }),
      fuzz(100),
    );
  });

  test("counts the rounding of a number that is written beside tensors, as far as it is rounded", () => {
    // Found by the property above: f32 multiplies by 1.1 + 2.4e-8, not by 1.1, and then rounds the product as well.
    for (const x of [9.856384972444681e-20, 3.6364214420318604]) {
      expectSound(st.maximum(st.relu(st.mul(st.tensor([x]), 1.1)), st.minimum(0, st.tensor([x]))));
    }
    expect(bounded(st.full([], 1.1))[0]!.bound).toBeGreaterThanOrEqual(Math.fround(1.1) - 1.1);
    expect(bounded(st.full([], 1.1), st.runningErrorAlgebra(2 ** -53))[0]!.bound).toBe(0);
    expect(bounded(st.full([], 0.5))[0]!.bound).toBe(0);
    const half = bounded(st.full([], Math.fround(1.1), "f16"))[0]!;
    expect(half.bound).toBeGreaterThanOrEqual(Math.abs(st.roundToHalf(Math.fround(1.1)) - half.value));
  });

  test("of a cancellation is large relative to the result, as it should be", () => {
    const a = st.tensor([1]);
    const { value, bound } = bounded(st.sub(st.add(a, 1e-7), a))[0]!;
    // f32 computes 1.19e-7 here.
    expect(Math.abs(value - Math.fround(Math.fround(1 + 1e-7) - 1))).toBeLessThanOrEqual(bound);
    expect(bound).toBeGreaterThan(value / 2);
  });

  test("is zero for what is exact: inputs, views, signs, choices", () => {
    const a = st.tensor([1, -2, 3]);
    for (const y of [a, st.neg(a), st.abs(a), st.reshape(a, [3, 1]), st.maximum(a, 0), st.floor(a)]) {
      expect(bounded(y).map(({ bound }) => bound)).toEqual([0, 0, 0]);
    }
  });

  test("is infinite where an error may leave the domain", () => {
    const nearZero = st.sub(st.mul(st.tensor([0.1]), 3), st.tensor([0.3]));
    expect(bounded(st.log(nearZero))[0]!.bound).toBe(Infinity);
    expect(bounded(st.log(st.tensor([-1])))[0]!.bound).toBe(Infinity);
  });

  test("is infinite where an error may reach a pole, though it is finite on both sides", () => {
    const nearZero = st.sub(st.mul(st.tensor([0.1]), 3), 0.3);
    const one = st.tensor([1]);
    const past = [st.reciprocal(nearZero), st.div(one, nearZero), st.mod(one, nearZero), st.pow(nearZero, -2)];
    expect(past.map((y) => bounded(y)[0]!.bound)).toEqual(past.map(() => Infinity));
    expect(bounded(st.square(nearZero))[0]!.bound).toBeLessThan(1e-14);
  });

  test("sees a jump that is within reach", () => {
    const almost = st.mul(st.tensor([1]), 1);
    expect(bounded(st.floor(almost))[0]!.bound).toBe(1);
  });

  test("counts the rounding of f16 storage", () => {
    // The second is below 2^-14, where f16 has fewer digits or, on some devices, none.
    for (const x of [1.0004, 1e-7].map(Math.fround)) {
      const { value, bound } = bounded(st.cast(st.tensor([x]), "f16"))[0]!;
      expect(Math.abs(st.roundToHalf(x) - value)).toBeLessThanOrEqual(bound);
    }
  });

  test("is that of f64 for its unit of roundoff, and covers both evaluations", () => {
    fc.assert(
      fc.property(floats(20), (list) => {
        const x = st.tensor(list, { dtype: "f64" });
        const { value, bound } = bounded(st.sum(x), st.runningErrorAlgebra(2 ** -53))[0]!;
        const sum = list.toReversed().reduce((a, b) => a + b, 0);
        expect(Math.abs(sum - value)).toBeLessThanOrEqual(bound);
        expect(bound).toBeLessThan(1e-11);
      }),
      fuzz(100),
    );
  });
});
