import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { complaint, element, inner, seeds, shapesWithAxis, table, values, whole } from "../../test/whole.ts";
import { cast, concat, flip, gradients, split } from "../index.ts";
import { expectAdjoint } from "../../test/whole.ts";

const cases = fc.record({
  at: shapesWithAxis,
  sizes: fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }),
  seed: seeds,
});

test("concat puts its inputs one after another, and split takes them apart again", () => {
  fc.assert(
    fc.property(cases, ({ at: [shape, axis], sizes, seed }) => {
      const parts = sizes.map((size, i) => whole(shape.with(axis, size), seed + i));
      const y = concat(parts, axis);
      const owner = sizes.flatMap((size, part) => Array.from({ length: size }, (_, i) => ({ part, i })));
      const lists = parts.map(values);
      const expected = table(y.shape, (index) => {
        const { part, i } = owner[index[axis]!]!;
        return element(lists[part]!, parts[part]!.shape, index.with(axis, i));
      });
      expect(values(y)).toEqual(expected);
      expect(split(y, sizes, axis).map(values)).toEqual(lists);
    }),
    fuzz(100),
  );
});

test("concat and slices are adjoint, bit for bit", () => {
  fc.assert(
    fc.property(cases, ({ at: [shape, axis], sizes, seed }) => {
      const parts = sizes.map((size, i) => whole(shape.with(axis, size), seed + i));
      const y = concat(parts, axis);
      const dy = whole(y.shape, seed + 9);
      const dParts = gradients(y, parts, { cotangent: dy });
      const total = dParts.reduce((sum, dPart, i) => sum + inner(dPart, parts[i]!), 0);
      expect(total).toBe(inner(dy, y));
    }),
    fuzz(50),
  );
});

test("a flip is its own adjoint and its own inverse", () => {
  fc.assert(
    fc.property(shapesWithAxis, seeds, ([shape, axis], seed) => {
      const x = whole(shape, seed);
      const list = values(x);
      const mirrored = (index: number[]): number =>
        element(list, shape, index.with(axis, shape[axis]! - 1 - index[axis]!));
      expect(values(flip(x, axis))).toEqual(table(shape, mirrored));
      expect(values(flip(flip(x)))).toEqual(list);
      expectAdjoint((v) => flip(v, axis), x, seed);
      expectAdjoint((v) => flip(v), x, seed);
    }),
    fuzz(50),
  );
});

test("the inputs of concat agree outside the axis, and there is one at least", () => {
  const [a, b] = [whole([2, 3], 1), whole([2, 4], 2)];
  expect(complaint(() => concat([a, b]))).toMatchInlineSnapshot(
    `"ShapeError: concat: needs shapes that are equal outside axis 0, got [2, 3] and [2, 4]"`,
  );
  expect(complaint(() => concat([a, cast(a, "i32")]))).toMatchInlineSnapshot(`
    "DTypeError: concat: needs one dtype, got f32 and i32
      hint: cast one of them"
  `);
  expect(complaint(() => concat([]))).toMatchInlineSnapshot(
    `"ValueError: concat: needs at least one tensor, got none"`,
  );
});
