import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { complaint, element, expectAdjoint, seeds, shapesWithAxis, table, values, whole } from "../../test/whole.ts";
import { gather, oneHot, sizeOf, takeAlong, tensor } from "../index.ts";

const cases = fc.record({
  at: shapesWithAxis,
  count: fc.nat(4),
  one: fc.nat(3),
  places: fc.array(fc.integer({ min: -2, max: 5 }), { minLength: 256, maxLength: 256 }),
  seed: seeds,
});

test("takeAlong reads each line at its own indices, zero outside, and broadcasts the other axes", () => {
  fc.assert(
    fc.property(cases, ({ at: [shape, axis], count, one, places, seed }) => {
      const x = whole(shape, seed);
      // One of the other axes, if the draw says so, is shared by all lines.
      const lookup = shape.with(axis, count).map((size, i) => (i === one && i !== axis ? 1 : size));
      const indices = tensor(places.slice(0, sizeOf(lookup)), { shape: lookup, dtype: "i32" });
      const list = values(x);
      const y = takeAlong(x, indices, axis);
      expect(y.shape).toEqual(shape.with(axis, count));
      const expected = table(y.shape, (index) => {
        const place = index.map((i, k) => (lookup[k] === 1 ? 0 : i));
        const i = element(places, lookup, place);
        return i < 0 || i >= shape[axis]! ? 0 : element(list, shape, index.with(axis, i));
      });
      expect(values(y)).toEqual(expected);
      expectAdjoint((v) => takeAlong(v, indices, axis), x, seed);
    }),
    fuzz(100),
  );
});

test("takeAlong needs one index axis for each axis", () => {
  expect(complaint(() => takeAlong(whole([2, 3], 1), tensor([0], { dtype: "i32" })))).toMatchInlineSnapshot(
    `"ShapeError: takeAlong: needs indices of rank 2, got [1] for [2, 3]"`,
  );
});

test("an index may be a plain number, and u32", () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  expect(values(gather(x, 1))).toEqual([3, 4]);
  expect(values(takeAlong(x, tensor([[1], [0]], { dtype: "u32" }), 1))).toEqual([2, 3]);
});

test("oneHot has a one at the label, and none for a label outside", () => {
  expect(values(oneHot(tensor([2, 0, 3, -1], { dtype: "i32" }), 3))).toEqual([0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(oneHot(tensor([[1]], { dtype: "u32" }), 4, "i32").shape).toEqual([1, 1, 4]);
});

test("indices and labels are integers, never quietly truncated", () => {
  const odd = tensor([1.7]);
  expect(complaint(() => oneHot(odd, 3))).toMatchInlineSnapshot(
    `
    "DTypeError: oneHot: needs indices of dtype i32, got f32
      hint: cast(indices, "i32")"
  `,
  );
  expect(complaint(() => takeAlong(whole([3], 1), odd))).toMatchInlineSnapshot(
    `
    "DTypeError: takeAlong: needs indices of dtype i32, got f32
      hint: cast(indices, "i32")"
  `,
  );
});
