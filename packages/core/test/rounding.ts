import { runningErrorAlgebra, interpret, f64Algebra, mul, sum, type Tensor } from "../src/index.ts";
import { expect } from "vitest";

/** The values in f64, whatever the dtype. */
export function numbers(x: Tensor): number[] {
  return [...interpret(f64Algebra, [x])[0]!.planes[0]!];
}

/** ⟨a, b⟩ */
export function inner(a: Tensor, b: Tensor): Tensor {
  return sum(mul(a, b));
}

/** How far rounding can have moved a scalar that is computed in f64. */
export function boundOf(x: Tensor): number {
  return interpret(runningErrorAlgebra(2 ** -53), [x])[0]!.planes[1]![0]!;
}

/** Equality within the running error of both sides, computed in f64. */
export function expectSameWithinRounding(a: Tensor, b: Tensor): void {
  expect(a.shape).toEqual(b.shape);
  const [x, y] = interpret(runningErrorAlgebra(2 ** -53), [a, b]);
  x!.planes[0]!.forEach((value, i) => {
    const bound = x!.planes[1]![i]! + y!.planes[1]![i]!;
    expect(bound).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
    expect(Math.abs(value - y!.planes[0]![i]!)).toBeLessThanOrEqual(bound);
  });
}
