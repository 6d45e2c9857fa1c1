import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { complaint, element, expectAdjoint, seeds, shapes, table, values, whole } from "../../test/whole.ts";
import { reshape, transpose } from "../index.ts";

const cases = fc.record({
  shape: shapes(0, 5),
  order: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
  seed: seeds,
});

test("axis i of a transpose is axis permutation[i] of its input", () => {
  fc.assert(
    fc.property(cases, ({ shape, order, seed }) => {
      const permutation = order.filter((axis) => axis < shape.length);
      const x = whole(shape, seed);
      const y = transpose(x, permutation);
      const list = values(x);
      const expected = table(y.shape, (index) =>
        element(
          list,
          shape,
          shape.map((_, axis) => index[permutation.indexOf(axis)]!),
        ),
      );
      expect(values(y)).toEqual(expected);
    }),
    fuzz(100),
  );
});

test("transposes and reshapes are adjoint to their inverses, bit for bit", () => {
  fc.assert(
    fc.property(cases, ({ shape, order, seed }) => {
      const permutation = order.filter((axis) => axis < shape.length);
      expectAdjoint((x) => reshape(transpose(x, permutation), [1, whole(shape, 1).size]), whole(shape, seed), seed);
    }),
    fuzz(50),
  );
});

test("long axes and short ones come out alike", () => {
  const x = whole([3, 40, 2], 5);
  const back = transpose(transpose(x, [2, 0, 1]), [1, 2, 0]);
  expect(values(back)).toEqual(values(x));
});

test("a permutation names every axis once", () => {
  expect(complaint(() => transpose(whole([2, 3], 1), [0, 0]))).toMatchInlineSnapshot(
    `"ValueError: transpose: needs every axis of [2, 3] once, got [0, 0]"`,
  );
});
