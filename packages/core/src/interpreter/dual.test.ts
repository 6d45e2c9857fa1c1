import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import {
  add,
  cast,
  cumsum,
  dualAlgebra,
  interpret,
  matmul,
  maximum,
  mul,
  pow,
  prod,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  where,
  greater,
  type Tensor,
} from "../index.ts";

const f64 = (list: number | number[] | number[][]): Tensor => tensor(list, { dtype: "f64" });

/** Value and derivative of y along the directions of x. */
function partsOf(y: Tensor, x: Tensor, directions: readonly number[]): number[][] {
  const [out] = interpret(dualAlgebra, [y], new Map([[x, [directions]]]));
  return out!.planes.map((plane) => Array.from(plane, (v) => v + 0));
}

// On whole numbers of this size every product and sum below is exact, so the laws hold without a tolerance.
const digit = fc.integer({ min: -9, max: 9 });
const digits = fc.array(digit, { minLength: 4, maxLength: 4 });

describe("dual numbers", () => {
  test("carry f′(x)·x₁ along: 3x² − 2x + 1 has derivative 6x − 2", () => {
    fc.assert(
      fc.property(digit, digit, (at, direction) => {
        const x = f64(at);
        const y = add(sub(mul(3, square(x)), mul(2, x)), 1);
        const derivative = (6 * at - 2) * direction;
        expect(partsOf(y, x, [direction])).toEqual([[3 * at * at - 2 * at + 1], [derivative + 0]]);
      }),
      fuzz(50),
    );
  });

  test("obey the product rule in every product there is", () => {
    fc.assert(
      fc.property(digits, digits, digits, (xs, directions, ys) => {
        const x = f64(xs);
        const y = f64(ys);
        const derivative = directions.map((d, i) => d * ys[i]! + 0);
        expect(partsOf(mul(x, y), x, directions)[1]).toEqual(derivative);
        expect(partsOf(sum(mul(x, y)), x, directions)[1]).toEqual([derivative.reduce((a, b) => a + b, 0)]);
        // One block of a contraction: [1, 4] × [4, 1].
        const row = f64([xs]);
        const column = f64(ys.map((v) => [v]));
        const dot = derivative.reduce((a, b) => a + b, 0);
        expect(partsOf(matmul(row, column), row, directions)[1]).toEqual([dot]);
      }),
      fuzz(50),
    );
  });

  test("differentiate a product of many factors, zeros among them", () => {
    const x = f64([2, 0, 3]);
    expect(partsOf(prod(x), x, [1, 0, 0])).toEqual([[0], [0]]);
    expect(partsOf(prod(x), x, [0, 1, 0])).toEqual([[0], [6]]);
  });

  test("move with their values: sums that run, choices, casts", () => {
    const x = f64([1, -2, 3]);
    const direction = [10, 20, 30];
    expect(partsOf(cumsum(x, 0), x, direction)[1]).toEqual([10, 30, 60]);
    expect(partsOf(where(greater(x, 0), x, 0), x, direction)[1]).toEqual([10, 0, 30]);
    expect(partsOf(maximum(x, 1), x, direction)[1]).toEqual([5, 0, 30]);
    expect(partsOf(cast(x, "f16"), x, direction)[1]).toEqual([10, 20, 30]);
    expect(partsOf(cast(cast(x, "i32"), "f32"), x, direction)[1]).toEqual([0, 0, 0]);
  });

  test("leave constants constant, even where the slope is infinite or undefined", () => {
    const x = f64([0, 4]);
    expect(partsOf(sqrt(x), x, [0, 1])[1]).toEqual([0, 0.25]);
    const base = f64([-2]);
    expect(partsOf(pow(base, 3), base, [1])).toEqual([[-8], [12]]);
  });
});
