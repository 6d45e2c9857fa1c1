import { describe, expect, test } from "vitest";
import {
  add,
  clamp,
  customVjp,
  exp,
  gradients,
  hook,
  mul,
  square,
  stopGradient,
  sum,
  tensor,
  type Tensor,
} from "../src/index.ts";
import { numbers } from "./rounding.ts";

const number = (x: Tensor): number => numbers(x)[0]!;

describe("stopGradient, customVjp and hook", () => {
  test("stopGradient is the value, and a constant: d(x · stop(x)) = stop(x)", () => {
    const x = tensor([2, 3]);
    const y = mul(x, stopGradient(x));
    expect(numbers(y)).toEqual([4, 9]);
    expect(numbers(gradients(sum(y), [x])[0]!)).toEqual([2, 3]);
    expect(numbers(gradients(sum(stopGradient(x)), [x])[0]!)).toEqual([0, 0]);
  });

  test("customVjp replaces the rule: rounding with a straight-through gradient", () => {
    const through = customVjp(
      (x) => x.round(),
      (dY) => [dY],
    );
    const x = tensor([0.4, 1.6]);
    expect(numbers(through(x))).toEqual([0, 2]);
    expect(numbers(gradients(sum(mul(through(x), tensor([3, 4]))), [x])[0]!)).toEqual([3, 4]);
  });

  test("a custom rule gets the inputs and the output, may leave inputs out, and is differentiated again", () => {
    const cube = customVjp(
      (x, scale) => mul(mul(square(x), x), scale),
      (dY, [x, scale]) => [mul(dY, mul(mul(square(x!), 3), scale!)), null],
    );
    const [x, scale] = [tensor(2, { dtype: "f64" }), tensor(5, { dtype: "f64" })];
    const [dX, dScale] = gradients(cube(x, scale), [x, scale]);
    expect([number(dX!), number(dScale!)]).toEqual([60, 0]);
    expect(number(gradients(dX!, [x])[0]!)).toBe(60);
  });

  test("a custom rule with the wrong number or shape of cotangents is refused, and named", () => {
    const few = customVjp(
      (a, b) => mul(a, b),
      (dY) => [dY],
    );
    const [a, b] = [tensor([1]), tensor([2])];
    expect(() => gradients(sum(few(a, b)), [a])).toThrow(
      /customVjp: needs one cotangent .* for each of 2 inputs, got 1/,
    );
    const odd = customVjp(
      (x) => exp(x),
      (dY) => [sum(dY)],
    );
    expect(() => gradients(sum(odd(a)), [a])).toThrow(
      /rule of customVjp f32\[1\]: needs a cotangent f32\[1\], got f32\[\]/,
    );
    const second = customVjp(
      (x, y) => mul(x, y),
      (dY) => [dY, sum(dY)],
    );
    expect(() => gradients(sum(second(a, b)), [b])).toThrow(/got f32\[\] for input 1$/m);
    expect(() => gradients(sum(hook(a, (dA) => sum(dA))), [a])).toThrow(/rule of hook .* for input 0$/m);
  });

  test("a hook changes the cotangent once, after all of them have been added up", () => {
    const x = tensor([1, 2]);
    let calls = 0;
    const hooked = hook(x, (dX) => {
      calls++;
      return clamp(dX, -3, 3);
    });
    expect(numbers(hooked)).toEqual([1, 2]);
    const y = sum(add(mul(hooked, 2), mul(hooked, tensor([0.5, 5]))));
    expect(numbers(gradients(y, [x])[0]!)).toEqual([2.5, 3]);
    expect(calls).toBe(1);
  });
});
