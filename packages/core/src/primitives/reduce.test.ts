import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { complaint, element, seeds, shapesWithAxis, table, values, whole } from "../../test/whole.ts";
import { argMax, argMin, gradients, max, min, mul, ones, prod, sum, tensor, type Shape } from "../index.ts";

/** The lines along an axis, in the order of the elements of a reduction over it. */
function lines(list: readonly number[], shape: Shape, axis: number): number[][] {
  const found: number[][] = [];
  table(shape.toSpliced(axis, 1), (index) =>
    found.push(Array.from({ length: shape[axis]! }, (_, i) => element(list, shape, index.toSpliced(axis, 0, i)))),
  );
  return found;
}

const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);

test("max, min and their indices agree with the lines they reduce; the first of equals wins", () => {
  fc.assert(
    fc.property(shapesWithAxis, seeds, ([shape, axis], seed) => {
      fc.pre(shape[axis] !== 0);
      const x = whole(shape, seed);
      const along = lines(values(x), shape, axis);
      expect(values(max(x, axis))).toEqual(along.map((line) => Math.max(...line)));
      expect(values(min(x, axis))).toEqual(along.map((line) => Math.min(...line)));
      expect(values(argMax(x, axis))).toEqual(along.map((line) => line.indexOf(Math.max(...line))));
      expect(values(argMin(x, axis))).toEqual(along.map((line) => line.indexOf(Math.min(...line))));
    }),
    fuzz(100),
  );
});

test("the first of equals gets the whole gradient of max and min", () => {
  const x = tensor([
    [1, 3, 3],
    [2, 2, 2],
  ]);
  expect(values(gradients(sum(max(x, 1)), [x])[0]!)).toEqual([0, 1, 0, 1, 0, 0]);
  expect(values(gradients(sum(min(x, 1)), [x])[0]!)).toEqual([1, 0, 0, 1, 0, 0]);
});

test("a NaN wins every comparison, the first NaN first", () => {
  const x = tensor([1, NaN, 5, NaN]);
  expect(values(max(x))).toEqual([NaN]);
  expect(values(min(x))).toEqual([NaN]);
  expect(values(argMax(x))).toEqual([1]);
  expect(values(argMin(x))).toEqual([1]);
});

test("infinities are values like others", () => {
  expect(values(max(tensor([-Infinity, -Infinity])))).toEqual([-Infinity]);
  expect(values(argMin(tensor([Infinity, Infinity])))).toEqual([0]);
});

test("indices are i32, and extremes keep their dtype", () => {
  const x = tensor([4_000_000_000, 7], { dtype: "u32" });
  expect(argMax(x).dtype).toBe("i32");
  expect(max(x).dtype).toBe("u32");
  expect(values(max(x))).toEqual([4_000_000_000]);
});

test("there is no extreme of nothing", () => {
  expect(complaint(() => max(ones([2, 0]), 1))).toMatchInlineSnapshot(
    `"ValueError: max: needs something to choose from on axis 1, got [2, 0]"`,
  );
  expect(complaint(() => argMin(ones([0])))).toMatchInlineSnapshot(
    `"ValueError: argMin: needs something to choose from on axis 0, got [0]"`,
  );
  expect(complaint(() => min(ones([2], "bool")))).toMatchInlineSnapshot(`
    "DTypeError: min: needs numbers, got bool
      hint: cast first: cast(x, "i32")"
  `);
});

describe("prod", () => {
  test("is the product of each line, and 1 for an empty line", () => {
    fc.assert(
      fc.property(shapesWithAxis, seeds, ([shape, axis], seed) => {
        const x = whole(shape, seed);
        expect(values(prod(x, axis))).toEqual(lines(values(x), shape, axis).map((line) => product(line) + 0));
      }),
      fuzz(100),
    );
  });

  test("has derivatives of first, second and third order that are right at zeros, bit for bit", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 6 }), (list) => {
        const without = (...left: number[]): number =>
          new Set(left).size < left.length ? 0 : product(list.filter((_, i) => !left.includes(i)));
        const unit = (i: number) => tensor(list.map((_, j) => Number(i === j)));
        const x = tensor(list);
        const [first] = gradients(prod(x), [x]);
        expect(values(first!)).toEqual(list.map((_, i) => without(i) + 0));
        const last = list.length - 1;
        const [second] = gradients(sum(mul(first!, unit(0))), [x]);
        expect(values(second!)).toEqual(list.map((_, i) => without(0, i) + 0));
        const [third] = gradients(sum(mul(second!, unit(last))), [x]);
        expect(values(third!)).toEqual(list.map((_, i) => without(0, last, i) + 0));
      }),
      fuzz(30),
    );
  });

  test("an empty product has an empty gradient", () => {
    const x = ones([2, 0]);
    expect(gradients(sum(prod(x, 1)), [x])[0]!.shape).toEqual([2, 0]);
  });
});
