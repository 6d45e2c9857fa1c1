import fc from "fast-check";
import { expect } from "vitest";
import { interpret, f32Algebra, gradients, sizeOf, tensor, type Shape, type Tensor } from "../src/index.ts";

// Tools for exact tests: sums and products of small whole numbers do not round in f32, so no test here has a tolerance.

/** Small whole numbers that depend on the seed. */
export function whole(shape: Shape, seed: number): Tensor {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 16) % 9) - 4;
  };
  return tensor(Float32Array.from({ length: sizeOf(shape) }, next), { shape });
}

/** The values in row-major order, straight from the interpreter; -0 counts as 0. */
export function values(x: Tensor): number[] {
  return Array.from(interpret(f32Algebra, [x])[0]!.planes[0]!, (value) => value + 0);
}

/** The values a tensor of this shape has when its element at each index is `at(index)`. */
export function table(shape: Shape, at: (index: number[]) => number): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, flat) => at(indexOf(shape, flat)));
}

/** The element of row-major values at an index. */
export function element(list: readonly number[], shape: Shape, index: readonly number[]): number {
  return list[index.reduce((flat, i, axis) => flat * shape[axis]! + i, 0)]!;
}

export function inner(a: Tensor, b: Tensor): number {
  const other = values(b);
  return values(a).reduce((sum, value, i) => sum + value * other[i]!, 0);
}

/** ⟨dy, f(x)⟩ = ⟨fᵀ(dy), x⟩ bit for bit, and the derivative of fᵀ is f again. */
export function expectAdjoint(f: (x: Tensor) => Tensor, x: Tensor, seed: number): void {
  const y = f(x);
  const dy = whole(y.shape, seed + 1);
  const [dx] = gradients(y, [x], { cotangent: dy });
  expect(inner(dx!, x)).toBe(inner(dy, y));
  const [again] = gradients(dx!, [dy], { cotangent: x });
  expect(values(again!)).toEqual(values(y));
}

/** The text of the error, without the line that created it. */
export function complaint(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message.replace(/\n {2}created at .*/u, "")}`;
  }
  throw new Error("nothing was thrown");
}

export const seeds: fc.Arbitrary<number> = fc.integer({ min: 1, max: 1 << 30 });

/** Shapes of up to `rank` axes, zero sizes among them. */
export function shapes(least: number, rank: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 0, max: 4 }), { minLength: least, maxLength: rank });
}

/** A shape together with one of its axes. */
export const shapesWithAxis: fc.Arbitrary<[number[], number]> = shapes(1, 4).chain((shape) =>
  fc.tuple(fc.constant(shape), fc.nat(shape.length - 1)),
);

function indexOf(shape: Shape, flat: number): number[] {
  const index: number[] = [];
  for (const size of shape.toReversed()) {
    index.unshift(flat % size);
    flat = Math.floor(flat / size);
  }
  return index;
}
