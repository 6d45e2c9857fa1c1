import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { complaint, element, seeds, shapes, table, values, whole } from "../../test/whole.ts";
import {
  argMax,
  gradients,
  logSumExp,
  max,
  mean,
  min,
  mul,
  norm,
  ones,
  prod,
  sum,
  tensor,
  variance,
  zeros,
  type Shape,
} from "../index.ts";

/** The elements that each element of a reduction is made of. */
function groups(list: readonly number[], shape: Shape, axes: readonly number[]): number[][] {
  const kept = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const found = new Map<string, number[]>();
  table(
    shape.filter((_, axis) => kept.includes(axis)),
    (index) => (found.set(String(index), []), 0),
  );
  table(shape, (index) => found.get(String(kept.map((axis) => index[axis]!)))!.push(element(list, shape, index)));
  return [...found.values()];
}

const cases = fc
  .record({ shape: shapes(0, 4), pick: fc.subarray([0, 1, 2, 3]), seed: seeds })
  .map(({ shape, pick, seed }) => ({ shape, axes: pick.filter((axis) => axis < shape.length), seed }));

test("reductions over any set of axes reduce just the elements along them", () => {
  fc.assert(
    fc.property(cases, ({ shape, axes, seed }) => {
      const x = whole(shape, seed);
      const along = groups(values(x), shape, axes);
      expect(values(sum(x, axes))).toEqual(along.map((group) => group.reduce((a, b) => a + b, 0)));
      expect(values(prod(x, axes))).toEqual(along.map((group) => Math.fround(group.reduce((a, b) => a * b, 1)) + 0));
      if (axes.some((axis) => shape[axis] === 0)) return;
      expect(values(max(x, axes))).toEqual(along.map((group) => Math.max(...group)));
      expect(values(min(x, axes))).toEqual(along.map((group) => Math.min(...group)));
    }),
    fuzz(100),
  );
});

test("keepDims leaves the reduced axes with size 1", () => {
  const x = whole([2, 3, 4], 1);
  for (const reduce of [sum, mean, prod, max, min, variance, norm]) {
    expect(reduce(x, [0, -1], { keepDims: true }).shape).toEqual([1, 3, 1]);
    expect(reduce(x, 1).shape).toEqual([2, 4]);
    expect(reduce(x).shape).toEqual([]);
    expect(reduce(x, undefined, { keepDims: true }).shape).toEqual([1, 1, 1]);
  }
});

test("over several axes the first in row-major order wins", () => {
  const x = tensor([
    [[1], [7]],
    [[7], [7]],
  ]);
  expect(values(gradients(max(x), [x])[0]!)).toEqual([0, 1, 0, 0]);
  expect(values(gradients(sum(max(x, [0, 2])), [x])[0]!)).toEqual([0, 1, 1, 0]);
});

describe("mean and variance", () => {
  test("divide by the number of elements, and by fewer with a correction", () => {
    const x = tensor([1, 2, 3, 6]);
    expect(values(mean(x))).toEqual([3]);
    expect(values(variance(x))).toEqual([3.5]);
    expect(values(variance(x, 0, { correction: 2 }))).toEqual([7]);
  });

  test("of a large common offset keep the digits that matter", () => {
    expect(values(variance(tensor([1e6 + 1, 1e6 + 2, 1e6 + 3, 1e6 + 6])))).toEqual([3.5]);
  });

  test("of nothing are NaN, and of integers refused", () => {
    expect(values(mean(ones([0])))).toEqual([NaN]);
    expect(complaint(() => mean(ones([2], "i32")))).toMatchInlineSnapshot(`
      "DTypeError: mean: needs a float tensor, got i32
        hint: cast first: cast(x, "f32")"
    `);
  });
});

describe("norm", () => {
  test("is the length of the vector, and its gradient the direction", () => {
    const x = tensor([3, -4]);
    expect(values(norm(x))).toEqual([5]);
    const [dx] = gradients(norm(x), [x]);
    expect(values(dx!)).toEqual([Math.fround(0.6), Math.fround(-0.8)]);
  });

  test("has gradient 0 at the zero vector, and second derivatives without NaN", () => {
    const x = zeros([2, 3]);
    const [dx] = gradients(sum(norm(x, 1)), [x]);
    expect(values(dx!).every((v) => v === 0)).toBe(true);
    const [ddx] = gradients(sum(mul(dx!, dx!)), [x]);
    expect(values(ddx!).every((v) => v === 0)).toBe(true);
  });
});

test("argMax takes the last axis unless told otherwise", () => {
  expect(
    values(
      argMax(
        tensor([
          [1, 2],
          [4, 3],
        ]),
      ),
    ),
  ).toEqual([1, 0]);
});

test("products of integers wrap modulo 2³², as multiplication does", () => {
  const factors = tensor([123456789, 987654321, -7], { dtype: "i32" });
  expect(values(prod(factors))).toEqual([Math.imul(Math.imul(123456789, 987654321), -7)]);
  expect(values(prod(tensor([0xffffffff, 0xfffffffe], { dtype: "u32" })))).toEqual([2]);
});

test("an axis that is not there is refused in the name of the reduction that was called", () => {
  for (const [name, reduction] of Object.entries({ sum, mean, variance, norm, max, prod, logSumExp })) {
    expect(complaint(() => reduction(ones([2, 3]), 2))).toMatch(new RegExp(`^ValueError: ${name}: `, "u"));
  }
});
