import fc from "fast-check";
import { expect } from "vitest";
import {
  f32Algebra,
  registry,
  sizeOf,
  type Attrs,
  type Buffer,
  type DType,
  type Shape,
  type Spec,
} from "@steelyard/core";
import type { Lowered, Operand } from "../src/lowered.ts";
import { deviceArray, points, simulate, type Elements } from "../src/testing/simulate.ts";
import { rounded } from "../src/testing/scalar.ts";
import type { View } from "../src/view.ts";

// Tools for the tests of the lowering: values laid out in memory in all ways that a view allows, and steps executed on
// them. What no view and no border covers is NaN, so that whoever reads it cannot give the right result.

/** How a value lies in its buffer. */
export interface Layout {
  /** Sorting keys of its axes: the order in which they lie, outermost first. */
  readonly order: readonly number[];
  /** Elements before the first, and from one to the next of the innermost axis. */
  readonly offset: number;
  readonly gap: number;
  /** Which axes run backwards. */
  readonly flips: readonly boolean[];
}

export const layouts: fc.Arbitrary<Layout> = fc.record({
  order: fc.array(fc.nat(99), { minLength: 5, maxLength: 5 }),
  offset: fc.nat(3),
  gap: fc.integer({ min: 1, max: 2 }),
  flips: fc.array(
    fc.integer({ min: 0, max: 4 }).map((i) => i === 4),
    { minLength: 5, maxLength: 5 },
  ),
});

/** Row-major from the start of the buffer. */
export const plain: Layout = { order: [0, 1, 2, 3, 4], offset: 0, gap: 1, flips: [] };

export interface Placed {
  readonly view: View;
  readonly data: ReturnType<typeof deviceArray>;
}

/** Lays values out in row-major order with zeros around them, and NaN where nothing is. */
export function place(
  shape: Shape,
  values: ArrayLike<number>,
  { order, offset, gap, flips }: Layout,
  border: { readonly low: readonly number[]; readonly high: readonly number[] } | null | undefined = null,
  dtype: DType = "f32",
): Placed {
  const low = border?.low ?? shape.map(() => 0);
  const sizes = shape.map((size, axis) => size + low[axis]! + (border?.high[axis] ?? 0));
  const axes = shape.map((_, axis) => axis).toSorted((a, b) => order[a]! - order[b]!);
  const steps = new Array<number>(shape.length).fill(0);
  let step = gap;
  for (const axis of axes.toReversed()) {
    steps[axis] = step;
    step *= sizes[axis]!;
  }
  const data = deviceArray(dtype, offset + step + 1).fill(NaN);
  let first = offset;
  for (const axis of axes) {
    if (flips[axis] !== true || sizes[axis] === 0) continue;
    first += steps[axis]! * (sizes[axis]! - 1);
    steps[axis] = -steps[axis]!;
  }
  const at = (index: readonly number[]): number => index.reduce((sum, i, axis) => sum + i * steps[axis]!, first);
  for (const index of points(sizes)) data[at(index)] = 0;
  const start = at(low);
  points(shape).forEach((index, i) => {
    data[index.reduce((sum, j, axis) => sum + j * steps[axis]!, start)] = values[i]!;
  });
  return { view: { shape, start, steps }, data };
}

/** The values of a view in row-major order; −0 counts as 0. */
export function valuesOf({ view, data }: Placed): number[] {
  return points(view.shape).map(
    (index) => data[index.reduce((sum, i, axis) => sum + i * view.steps[axis]!, view.start)]! + 0,
  );
}

/** Runs the steps, and holds them to write every element of the output exactly once and nothing else. */
export function run(
  { steps, scratch }: Lowered,
  ins: readonly Elements[],
  out: Placed,
  companions: readonly Elements[] = [],
  numbers: readonly number[] = [],
): void {
  const own = scratch.map(({ elements, dtype }) => deviceArray(dtype, elements).fill(NaN));
  const elementsOf = (operand: Operand): Elements => {
    if (operand.kind === "out") return out.data;
    return { in: ins, companion: companions, scratch: own }[operand.kind][operand.position]!;
  };
  const writes = new Map<number, number>();
  for (const { kernel, operands, offsets } of steps) {
    const observer = {
      wrote(buffer: number, at: number) {
        expect(operands[buffer]!.kind, "no kernel writes to what it is given").toMatch(/^(out|scratch)$/);
        if (operands[buffer]!.kind === "out") writes.set(at, (writes.get(at) ?? 0) + 1);
      },
    };
    simulate(kernel, operands.map(elementsOf), kernel.numbers.length === 0 ? [] : numbers, observer, offsets);
  }
  const { view } = out;
  const places = points(view.shape).map((index) =>
    index.reduce((sum, i, axis) => sum + i * view.steps[axis]!, view.start),
  );
  expect([...writes.keys()].toSorted((a, b) => a - b)).toEqual(places.toSorted((a, b) => a - b));
  expect([...writes.values()].every((count) => count === 1)).toBe(true);
}

/** A primitive by name. */
export function primitiveOf(name: string): (typeof registry)[number] {
  return registry.find((primitive) => primitive.name === name)!;
}

/** What core's interpreter gives, in row-major order; −0 counts as 0. */
export function interpreted(
  name: string,
  inSpecs: readonly Spec[],
  ins: readonly ArrayLike<number>[],
  attrs: Attrs,
): number[] {
  const primitive = primitiveOf(name);
  const outSpec = primitive.infer(inSpecs, attrs);
  const out = f32Algebra.allocate(outSpec.dtype, sizeOf(outSpec.shape));
  const buffers = inSpecs.map((spec, i) => bufferOf(spec, ins[i]!));
  primitive.forward({ algebra: f32Algebra, ins: buffers, out, inSpecs, outSpec, attrs });
  // The interpreter rounds an f16 when it is stored, as here.
  return Array.from(out.planes[0]!, (value) => rounded(value, outSpec.dtype) + 0);
}

function bufferOf({ dtype, shape }: Spec, values: ArrayLike<number>): Buffer {
  const buffer = f32Algebra.allocate(dtype, sizeOf(shape));
  buffer.planes[0]!.set(Array.from(values));
  return buffer;
}

/** Whole numbers in −bound … bound from a seed. */
export function whole(count: number, seed: number, bound: number): number[] {
  let state = (seed * 2654435761 + 12345) | 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (((state >>> 16) & 0x7fff) % (2 * bound + 1)) - bound;
  });
}
