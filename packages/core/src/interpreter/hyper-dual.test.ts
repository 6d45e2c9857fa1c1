import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import {
  div,
  dualAlgebra,
  exp,
  hyperDualAlgebra,
  interpret,
  matmul,
  mul,
  pow,
  sqrt,
  square,
  sum,
  tensor,
  type Buffer,
  type Tensor,
} from "../index.ts";

const f64 = (list: number | number[] | number[][]): Tensor => tensor(list, { dtype: "f64" });

function planesOf([out]: readonly Buffer[]): number[][] {
  return out!.planes.map((plane) => Array.from(plane, (v) => v + 0));
}

/** [value, ε₁, ε₂, ε₁ε₂] of y, seeded with the last three parts of x. */
function hyperParts(y: Tensor, x: Tensor, parts: readonly number[][]): number[][] {
  return planesOf(interpret(hyperDualAlgebra, [y], new Map([[x, parts]])));
}

// On whole numbers of this size every product and sum below is exact, so the laws hold without a tolerance.
const digit = fc.integer({ min: -9, max: 9 });
const digits = fc.array(digit, { minLength: 4, maxLength: 4 });

describe("hyper-dual numbers", () => {
  test("carry f″(x)·x₁x₂ + f′(x)·x₁₂ in their last part: x³", () => {
    fc.assert(
      fc.property(digit, digit, digit, digit, (at, first, second, both) => {
        const x = f64(at);
        const y = mul(square(x), x);
        const slope = 3 * at * at;
        expect(hyperParts(y, x, [[first], [second], [both]])).toEqual([
          [at ** 3 + 0],
          [slope * first + 0],
          [slope * second + 0],
          [6 * at * first * second + slope * both + 0],
        ]);
      }),
      fuzz(50),
    );
  });

  test("see the mixed derivative of a contraction: xᵀAx has Hessian A + Aᵀ", () => {
    fc.assert(
      fc.property(digits, fc.tuple(digit, digit), fc.tuple(digit, digit), ([a, b, c, d], u, v) => {
        const x = f64([2, 5]);
        const matrix = f64([
          [a!, b!],
          [c!, d!],
        ]);
        const y = sum(mul(matmul(matrix, x), x));
        const expected = 2 * a! * u[0] * v[0] + (b! + c!) * (u[0] * v[1] + u[1] * v[0]) + 2 * d! * u[1] * v[1];
        expect(hyperParts(y, x, [[...u], [...v]])[3]).toEqual([expected + 0]);
      }),
      fuzz(50),
    );
  });

  test("know f″ of a function from its row: exp is its own, and 1/x has 2/x³", () => {
    const x = f64([0.5, -2]);
    const e = [0.5, -2].map(Math.exp);
    expect(
      hyperParts(exp(x), x, [
        [1, 1],
        [1, 1],
      ]),
    ).toEqual([e, e, e, e]);
    // At powers of two nothing rounds.
    expect(
      hyperParts(div(1, x), x, [
        [1, 1],
        [1, 1],
      ])[3],
    ).toEqual([16, -0.25]);
  });

  test("see how the two operands of a quotient bend together: a/b has ∂²/∂a∂b = −1/b² and ∂²/∂b² = 2a/b³", () => {
    const [a, b] = [f64(3), f64(2)];
    const along = (first: Tensor, second: Tensor): number => {
      const seeds = new Map([
        [first, [[1]]],
        [second, first === second ? [[1], [1]] : [[], [1]]],
      ]);
      return interpret(hyperDualAlgebra, [div(a, b)], seeds)[0]!.planes[3]![0]!;
    };
    expect([along(a, a) + 0, along(a, b), along(b, a), along(b, b)]).toEqual([0, -0.25, -0.25, 0.75]);
  });

  test("agree with dual numbers in the first three parts", () => {
    const x = f64([0.3, 1.7]);
    const y = mul(sqrt(x), pow(x, 2.5));
    const dual = planesOf(interpret(dualAlgebra, [y], new Map([[x, [[1, 2]]]])));
    const hyper = hyperParts(y, x, [
      [1, 2],
      [1, 2],
    ]);
    expect(hyper.slice(0, 2)).toEqual(dual);
    expect(hyper[2]).toEqual(dual[1]);
  });
});
