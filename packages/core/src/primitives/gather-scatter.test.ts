import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import {
  complaint,
  element,
  expectAdjoint,
  inner,
  seeds,
  shapesWithAxis,
  table,
  values,
  whole,
} from "../../test/whole.ts";
import { gather, scatterAdd, sizeOf, tensor, zeros, type Tensor } from "../index.ts";

/** Indices with repetitions, some of them outside the axis. */
const cases = fc.record({
  at: shapesWithAxis,
  lookup: fc.array(fc.nat(3), { maxLength: 2 }),
  places: fc.array(fc.integer({ min: -2, max: 5 }), { minLength: 9, maxLength: 9 }),
  seed: seeds,
});

function indicesOf(lookup: readonly number[], places: readonly number[]): Tensor {
  return tensor(places.slice(0, sizeOf(lookup)), { shape: lookup, dtype: "i32" });
}

test("gather reads x at the indices, and zero outside", () => {
  fc.assert(
    fc.property(cases, ({ at: [shape, axis], lookup, places, seed }) => {
      const x = whole(shape, seed);
      const list = values(x);
      const y = gather(x, indicesOf(lookup, places), axis);
      const expected = table(y.shape, (index) => {
        const i = element(places, lookup, index.slice(axis, axis + lookup.length));
        if (i < 0 || i >= shape[axis]!) return 0;
        return element(list, shape, index.toSpliced(axis, lookup.length, i));
      });
      expect(values(y)).toEqual(expected);
    }),
    fuzz(100),
  );
});

test("gather and scatterAdd are adjoint, with repeated and outlying indices, bit for bit", () => {
  fc.assert(
    fc.property(cases, ({ at: [shape, axis], lookup, places, seed }) => {
      const indices = indicesOf(lookup, places);
      const x = whole(shape, seed);
      const u = whole(gather(x, indices, axis).shape, seed + 1);
      const scattered = (updates: Tensor): Tensor => scatterAdd(zeros(shape), indices, updates, axis);
      expect(inner(gather(x, indices, axis), u)).toBe(inner(x, scattered(u)));
      expectAdjoint((v) => gather(v, indices, axis), x, seed);
      expectAdjoint(scattered, u, seed);
      expectAdjoint((base) => scatterAdd(base, indices, zeros(u.shape), axis), x, seed);
    }),
    fuzz(100),
  );
});

test("updates to one place add up, and outlying ones are dropped", () => {
  const labels = tensor([1, 1, 3, 9, -1], { dtype: "i32" });
  expect(values(scatterAdd(tensor([10, 0, 0, 0]), labels, tensor([1, 2, 3, 4, 5])))).toEqual([10, 3, 0, 3]);
});

test("indices are integers and updates fit them", () => {
  const x = whole([4, 2], 1);
  expect(complaint(() => gather(x, tensor([1, 2])))).toMatchInlineSnapshot(`
    "DTypeError: gather: needs indices of dtype i32, got f32
      hint: cast(indices, "i32")"
  `);
  const indices = tensor([1, 2], { dtype: "i32" });
  expect(complaint(() => scatterAdd(x, indices, whole([3, 2], 1)))).toMatchInlineSnapshot(
    `"ShapeError: scatterAdd: needs updates [2, 2], one for each index, got [3, 2]"`,
  );
});
