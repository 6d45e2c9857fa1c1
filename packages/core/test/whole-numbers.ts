import { expect } from "vitest";
import {
  interpret,
  f32Algebra,
  sizeOf,
  tensor,
  type Attrs,
  type Primitive,
  type Shape,
  type Tensor,
} from "../src/index.ts";
import { apply } from "../src/tensor.ts";

// Whole numbers so small that every sum of products stays below 2²⁴ are added without rounding in f32, in any order: what
// is equal in mathematics is equal bit for bit, and there is no tolerance.

/** Whole numbers in −bound … bound from a seed; a sequence of 32-bit hashes is random enough here. */
export function whole(shape: Shape, seed: number, bound: number): Tensor {
  let state = (seed * 2654435761 + 12345) | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const values = Float32Array.from({ length: sizeOf(shape) }, () => (next() % (2 * bound + 1)) - bound);
  return tensor(values, { shape });
}

export const valuesOf = (x: Tensor): ArrayLike<number> => interpret(f32Algebra, [x])[0]!.planes[0]!;

/** ⟨a, b⟩, exact. */
export function inner(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  const [x, y] = [valuesOf(a), valuesOf(b)];
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]! * y[i]!;
  return total;
}

export function expectSame(a: Tensor, b: Tensor): void {
  expect(a.shape).toEqual(b.shape);
  expect(valuesOf(a)).toEqual(valuesOf(b));
}

/** Property: for every input in which it is linear, ⟨dOut, primitive(ins)⟩ = ⟨vjp(dOut), in⟩. */
export function expectAdjoint<A extends Attrs>(
  primitive: Primitive<A>,
  ins: readonly Tensor[],
  attrs: A,
  dOut: Tensor,
): void {
  const out = apply(primitive, ins, attrs);
  const cotangents = primitive.vjp(dOut, { ins, out, attrs });
  for (const i of primitive.linearIn!) expect(inner(cotangents[i]!, ins[i]!)).toBe(inner(dOut, out));
}

/** All index tuples of a shape, in row-major order. */
export function tuples(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (lead, size) => lead.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}
