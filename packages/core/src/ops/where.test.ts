import { describe, expect, test } from "vitest";
import { complaint, values } from "../../test/whole.ts";
import { cast, div, exp, gradients, greater, mul, sum, tensor, where } from "../index.ts";

describe("where", () => {
  test("chooses element by element, and broadcasts all three", () => {
    const condition = tensor([[1], [0]], { dtype: "bool" });
    expect(values(where(condition, tensor([1, 2]), -1))).toEqual([1, 2, -1, -1]);
  });

  test("chooses between integers, and between bools", () => {
    const condition = tensor([1, 0], { dtype: "bool" });
    expect(values(where(condition, tensor([7, 7], { dtype: "i32" }), -2))).toEqual([7, -2]);
    expect(values(where(condition, condition, tensor([1, 1], { dtype: "bool" })))).toEqual([1, 1]);
  });

  test("leaks no NaN and no infinity from the branch not taken", () => {
    const x = tensor([0, 2]);
    const y = where(greater(x, 0), x, tensor([NaN, Infinity]));
    expect(values(y)).toEqual([NaN, 2]);
    const z = where(greater(x, 0), mul(x, tensor([NaN, 1])), 0);
    expect(values(z)).toEqual([0, 2]);
    const a = tensor([1, 2]);
    const dOut = tensor([Infinity, NaN]);
    const chosen = where(tensor([0, 0], { dtype: "bool" }), a, x);
    expect(values(gradients(chosen, [a], { cotangent: dOut })[0]!)).toEqual([0, 0]);
  });

  test("cuts the gradient of the branch not taken, so guarding the operand keeps a quotient finite", () => {
    const x = tensor([0, 2]);
    const safe = where(greater(x, 0), div(1, where(greater(x, 0), x, 1)), 0);
    expect(values(gradients(sum(safe), [x])[0]!)).toEqual([0, -0.25]);
    const big = where(greater(x, 1), 0, exp(x));
    expect(values(gradients(sum(big), [x])[0]!)).toEqual([1, 0]);
  });

  test("wants a bool condition and branches of one dtype", () => {
    expect(complaint(() => where(tensor([1]), 1, 2))).toMatchInlineSnapshot(`
      "DTypeError: where: needs a bool condition, got f32
        hint: compare first, as in where(greater(x, 0), x, 0)"
    `);
    expect(complaint(() => where(greater(tensor([1]), 0), tensor([1]), cast(tensor([1]), "i32"))))
      .toMatchInlineSnapshot(`
      "DTypeError: where: needs branches of one dtype, got f32 and i32
        hint: use cast(x, dtype)"
    `);
  });
});
