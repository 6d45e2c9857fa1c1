import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  arange,
  conv,
  cos,
  dualAlgebra,
  interpret,
  exp,
  full,
  grad,
  gradients,
  hessianVectorProduct,
  hyperDualAlgebra,
  jacobian,
  jvp,
  matmul,
  mul,
  reshape,
  sigmoid,
  sin,
  softmax,
  softplus,
  square,
  sum,
  tanh,
  tensor,
  valueAndGrad,
  vjp,
  type Shape,
  type Tensor,
} from "../src/index.ts";
import { drawing, drawLike } from "../src/testing/draw.ts";
import { fuzz } from "./fuzz.ts";
import { boundOf, expectSameWithinRounding, inner, numbers } from "./rounding.ts";

const number = (x: Tensor): number => numbers(x)[0]!;

/** ∂²y along t and s, from hyper-dual numbers: an oracle that uses no rule. */
function hyperDual(y: Tensor, [x, t]: readonly [Tensor, Tensor], [w, s]: readonly [Tensor, Tensor]): number {
  const seeds =
    x === w
      ? new Map([[x, [numbers(t), numbers(s)]]])
      : new Map([
          [x, [numbers(t)]],
          [w, [[], numbers(s)]],
        ]);
  return interpret(hyperDualAlgebra, [y], seeds)[0]!.planes[3]![0]!;
}

/** A random smooth composition R⁴ → R that uses x again and again. */
const composition: fc.Arbitrary<(x: Tensor) => Tensor> = fc
  .array(fc.nat(5), { minLength: 1, maxLength: 5 })
  .map((steps) => (x: Tensor) => {
    const layers: readonly ((y: Tensor) => Tensor)[] = [
      (y) => sin(add(y, x)),
      (y) => mul(tanh(y), x),
      (y) => softplus(y),
      (y) => mul(softmax(y), square(x)),
      (y) => reshape(matmul(reshape(y, [2, 2]), reshape(x, [2, 2])), [4]),
      (y) => exp(mul(sigmoid(y), 0.5)),
    ];
    return sum(steps.reduce((y, step) => layers[step]!(y), x));
  });

/** [4] → [2, 2] */
const product = (x: Tensor): Tensor => matmul(reshape(sin(x), [2, 2]), reshape(exp(x), [2, 2]));

const vector = (seed: number, shape: Shape = [4]): Tensor => drawLike({ shape, dtype: "f64" }, drawing(seed));

describe("lesson 3: the reverse sweep", () => {
  test("a value used twice receives the sum of two cotangents", () => {
    const x = tensor([2, 3]);
    const [dX] = gradients(sum(add(mul(x, x), x)), [x]);
    expect(numbers(dX!)).toEqual([5, 7]);
  });

  test("fan-out through a long diamond adds up every path", () => {
    let y = tensor(1, { dtype: "f64" });
    const x = y;
    for (let i = 0; i < 40; i++) y = add(y, y);
    expect(number(gradients(y, [x])[0]!)).toBe(2 ** 40);
  });

  test("the gradient of an x that y does not depend on is zero, with the shape and dtype of x", () => {
    const [x, other] = [tensor([1, 2]), full([2, 3], 7, "f64")];
    const [dX, dOther] = gradients(sum(x), [x, other]);
    expect(numbers(dX!)).toEqual([1, 1]);
    expect([dOther!.shape, dOther!.dtype, numbers(dOther!)]).toEqual([[2, 3], "f64", [0, 0, 0, 0, 0, 0]]);
  });

  test("no gradient passes through integers: what was rounded is a constant", () => {
    const x = tensor([1.5, 2.5]);
    expect(numbers(gradients(sum(mul(x, x.cast("i32").cast("f32"))), [x])[0]!)).toEqual([1, 2]);
  });

  test("x passed as two arguments has two separate derivatives", () => {
    const x = tensor([2, 3]);
    const [first, second] = grad((p, q) => sum(mul(p, square(q))))(x, x);
    expect([numbers(first!), numbers(second!)]).toEqual([
      [4, 9],
      [8, 18],
    ]);
    expect(numbers(jvp((p, q) => mul(p, square(q)), [x, x], [tensor([1, 1]), tensor([0, 0])]))).toEqual([4, 9]);
  });

  test("gradients may be taken at an inner node: below it the chain goes on by hand", () => {
    const x = tensor([0.5, -1], { dtype: "f64" });
    const y = tanh(x);
    const z = sum(square(y));
    const [dY] = gradients(z, [y]);
    const [direct, chained] = [gradients(z, [x]), gradients(y, [x], { cotangent: dY! })];
    expect(numbers(direct[0]!)).toEqual(numbers(chained[0]!));
  });

  test("gradients of y in y itself are its cotangent", () => {
    const y = exp(tensor([1, 2]));
    const cotangent = tensor([3, 4]);
    expect(numbers(gradients(y, [y], { cotangent })[0]!)).toEqual([3, 4]);
  });

  test("value and gradient come from one graph", () => {
    const { value, gradients: all } = valueAndGrad((x) => sum(square(x)))(tensor([1, 2]));
    expect([number(value), numbers(all[0]!)]).toEqual([5, [2, 4]]);
  });
});

describe("orders of derivative", () => {
  test("Hessians of random compositions are symmetric", () => {
    fc.assert(
      fc.property(composition, fc.nat(), (f, seed) => {
        const [x, s, t] = [vector(seed), vector(seed + 1), vector(seed + 2)];
        expectSameWithinRounding(inner(hessianVectorProduct(f, x, s), t), inner(hessianVectorProduct(f, x, t), s));
      }),
      fuzz(40),
    );
  });

  test("Hessian-vector products are what hyper-dual numbers say", () => {
    fc.assert(
      fc.property(composition, fc.nat(), (f, seed) => {
        const [x, s, t] = [vector(seed), vector(seed + 1), vector(seed + 2)];
        const along = inner(hessianVectorProduct(f, x, s), t);
        const bound = boundOf(along);
        expect(Math.abs(number(along) - hyperDual(f(x), [x, s], [x, t]))).toBeLessThanOrEqual(4 * bound);
      }),
      fuzz(40),
    );
  });

  test("jvp along no argument at all is 0, an empty sum", () => {
    expect(numbers(jvp(() => tensor([1, 2]), [], []))).toEqual([0, 0]);
    expect(() => jvp((x) => x, [1], [])).toThrow("jvp: needs a tangent for each of 1 arguments, got 0");
  });

  test("jvp of random compositions is what dual numbers say", () => {
    fc.assert(
      fc.property(composition, fc.nat(), (f, seed) => {
        const [x, t] = [vector(seed), vector(seed + 1)];
        const along = jvp((at) => f(at), [x], [t]);
        const bound = boundOf(along);
        const dual = interpret(dualAlgebra, [f(x)], new Map([[x, [numbers(t)]]]))[0]!.planes[1]![0]!;
        expect(Math.abs(number(along) - dual)).toBeLessThanOrEqual(4 * bound);
      }),
      fuzz(40),
    );
  });

  test("the Jacobian holds what vjp and jvp multiply with, row by row and column by column", () => {
    const [x, t, u] = [vector(1), vector(2), vector(3, [2, 2])];
    const matrix = jacobian(product, x);
    expect(matrix.shape).toEqual([2, 2, 4]);
    expectSameWithinRounding(matmul(matrix, t), jvp(product, [x], [t]));
    const [pulled] = vjp(product, x).pull(u);
    expectSameWithinRounding(matmul(reshape(u, [4]), reshape(matrix, [4, 4])), pulled!);
  });

  test("the Jacobian of a gradient is the Hessian", () => {
    const slopes = grad((x) => sum(mul(square(x), arange(1, 4, 1, "f64"))));
    expect(numbers(jacobian((x) => slopes(x)[0]!, vector(1, [3])))).toEqual([2, 0, 0, 0, 4, 0, 0, 0, 6]);
  });

  test("sin and exp come back to themselves after four and any number of derivatives", () => {
    const x = tensor(0.7, { dtype: "f64" });
    const derivative = (f: (x: Tensor) => Tensor, order: number): Tensor => {
      let y = f(x);
      for (let i = 0; i < order; i++) y = gradients(y, [x])[0]!;
      return y;
    };
    expectSameWithinRounding(derivative(sin, 3), cos(x).neg());
    expectSameWithinRounding(derivative(sin, 4), sin(x));
    expect(number(derivative(exp, 7))).toBe(number(exp(x)));
    expectSameWithinRounding(
      derivative((at) => exp(at.mul(2)), 3),
      exp(x.mul(2)).mul(8),
    );
  });

  test("the gradient of the gradient of a convolution is a convolution again: mixed, second and third order", () => {
    const options = { stride: 2, padding: [[1, 0]], dilation: 2, groups: 2 } as const;
    const [x, w] = [vector(1, [2, 7, 4]), vector(2, [2, 2, 4])];
    const y = sum(sin(conv(x, w, options)));
    const [t, s] = [vector(3, x.shape), vector(4, w.shape)];
    for (const [a, b, da, db] of [
      [x, w, t, s],
      [x, x, t, vector(5, x.shape)],
      [w, w, s, vector(6, w.shape)],
    ] as const) {
      const second = inner(gradients(inner(gradients(y, [a])[0]!, da), [b])[0]!, db);
      const bound = boundOf(second);
      expect(Math.abs(number(second) - hyperDual(y, [a, da], [b, db]))).toBeLessThanOrEqual(4 * bound);
      const third = inner(gradients(second, [x])[0]!, t);
      const dual = interpret(dualAlgebra, [second], new Map([[x, [numbers(t)]]]))[0]!.planes[1]![0]!;
      const thirdBound = boundOf(third);
      expect(Math.abs(number(third) - dual)).toBeLessThanOrEqual(4 * thirdBound);
      expect(dual).not.toBe(0);
    }
  });
});

describe("depth is bounded by memory, not by the call stack", () => {
  test("a chain of 100,000 products runs forward and backward", async () => {
    const length = 100_000;
    const a = tensor(1 + 1e-5, { dtype: "f64" });
    let y = tensor(2, { dtype: "f64" });
    const x = y;
    for (let i = 0; i < length; i++) y = mul(y, a);
    const [dX, dA] = gradients(y, [x, a]);
    const [value, slope, slopeA] = await Promise.all([y.item(), dX!.item(), dA!.item()]);
    const power = (1 + 1e-5) ** length;
    expect(value / (2 * power)).toBeCloseTo(1, 9);
    expect(slope / power).toBeCloseTo(1, 9);
    expect(slopeA / ((2 * length * power) / (1 + 1e-5))).toBeCloseTo(1, 9);
  });
});
