import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { complaint, element, expectAdjoint, inner, seeds, shapes, table, values, whole } from "../../test/whole.ts";
import { broadcastTo, reshape, sum, tensor } from "../index.ts";

/** A shape, the axes of it that a smaller tensor lacks or has at size 1, and how many leading ones it lacks. */
const cases = fc
  .record({
    shape: shapes(0, 5),
    mask: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    lead: fc.nat(5),
    seed: seeds,
  })
  .map(({ shape, mask, lead, seed }) => {
    const stretched = shape.flatMap((_, axis) => (mask[axis]! || axis < lead ? [axis] : []));
    const small = shape.map((size, axis) => (stretched.includes(axis) ? 1 : size)).slice(Math.min(lead, shape.length));
    return { shape, stretched, small, seed };
  });

test("a broadcast repeats its input along the stretched axes", () => {
  fc.assert(
    fc.property(cases, ({ shape, small, seed }) => {
      const x = whole(small, seed);
      const list = values(x);
      const missing = shape.length - small.length;
      const expected = table(shape, (index) =>
        element(
          list,
          small,
          small.map((size, axis) => (size === 1 ? 0 : index[missing + axis]!)),
        ),
      );
      expect(values(broadcastTo(x, shape))).toEqual(expected);
    }),
    fuzz(100),
  );
});

test("broadcast and sum are adjoint, bit for bit", () => {
  fc.assert(
    fc.property(cases, ({ shape, stretched, small, seed }) => {
      const x = whole(small, seed);
      const y = whole(shape, seed + 1);
      expect(inner(y, broadcastTo(x, shape))).toBe(inner(reshape(sum(y, stretched), small), x));
      expectAdjoint((v) => broadcastTo(v, shape), x, seed);
      expectAdjoint((v) => sum(v, stretched), y, seed);
    }),
    fuzz(100),
  );
});

test("an empty sum is zero", () => {
  expect(values(sum(whole([2, 0, 3], 1), 1))).toEqual([0, 0, 0, 0, 0, 0]);
  expect(values(sum(whole([0], 1)))).toEqual([0]);
});

test("a sum of integers is an integer and wraps at 32 bits", () => {
  const total = sum(tensor([2 ** 31 - 1, 1, 5], { dtype: "i32" }));
  expect(total.dtype).toBe("i32");
  expect(values(total)).toEqual([-(2 ** 31) + 5]);
});

test("sums of f16 are taken in f32: 4096 ones do not stall at 2048", async () => {
  expect(await sum(tensor(new Array<number>(4096).fill(1), { dtype: "f16" })).item()).toBe(4096);
});

test("a bool is cast before it is summed", () => {
  expect(complaint(() => sum(tensor([1, 0], { dtype: "bool" })))).toMatchInlineSnapshot(`
    "DTypeError: sum: needs numbers, got bool
      hint: cast first: cast(x, "i32") counts"
  `);
});

test("only sizes of 1 stretch", () => {
  expect(complaint(() => broadcastTo(whole([2, 3], 1), [4, 3]))).toMatchInlineSnapshot(`
    "ShapeError: broadcastTo: needs a shape that stretches to [4, 3], got [2, 3]
      hint: sizes must be equal or 1, counted from the right"
  `);
  expect(complaint(() => broadcastTo(whole([2, 3], 1), [3]))).toMatchInlineSnapshot(`
    "ShapeError: broadcastTo: needs a shape that stretches to [3], got [2, 3]
      hint: sizes must be equal or 1, counted from the right"
  `);
});
