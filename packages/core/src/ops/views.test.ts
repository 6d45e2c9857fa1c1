import { describe, expect, test } from "vitest";
import { complaint, values, whole } from "../../test/whole.ts";
import {
  expandDims,
  gradients,
  pad,
  reshape,
  split,
  squeeze,
  stack,
  sum,
  tensor,
  tile,
  trace,
  transpose,
} from "../index.ts";

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

describe("reshape", () => {
  test("works out one size from the others", () => {
    expect(reshape(x, [3, -1]).shape).toEqual([3, 2]);
    expect(reshape(x, [-1]).shape).toEqual([6]);
    expect(reshape(whole([0, 3], 1), [-1, 3]).shape).toEqual([0, 3]);
    expect(reshape(tensor(7), [1, 1]).shape).toEqual([1, 1]);
  });

  test("to the same shape is no operation at all", () => {
    expect(reshape(x, [2, 3])).toBe(x);
  });

  test("keeps the number of elements", () => {
    expect(complaint(() => reshape(x, [4, -1]))).toMatchInlineSnapshot(`
      "ShapeError: reshape: needs a shape of 6 elements for [2, 3], got [4, -1]
        hint: one size may be -1: it is worked out from the others"
    `);
    expect(complaint(() => reshape(x, [7]))).toMatchInlineSnapshot(`
      "ShapeError: reshape: needs a shape of 6 elements for [2, 3], got [7]
        hint: one size may be -1: it is worked out from the others"
    `);
    expect(complaint(() => reshape(x, [-1, -1]))).toMatchInlineSnapshot(
      `"ValueError: reshape: needs sizes that are whole and not negative, at most one -1 and no 0 beside it, got [-1, -1]"`,
    );
    expect(complaint(() => reshape(whole([0], 1), [-1, 0]))).toMatchInlineSnapshot(
      `"ValueError: reshape: needs sizes that are whole and not negative, at most one -1 and no 0 beside it, got [-1, 0]"`,
    );
  });
});

test("transpose reverses the axes unless told otherwise, and counts from the end", () => {
  expect(values(transpose(x))).toEqual([1, 4, 2, 5, 3, 6]);
  expect(transpose(whole([2, 3, 4], 1)).shape).toEqual([4, 3, 2]);
  expect(transpose(whole([2, 3, 4], 1), [-1, 0, 1]).shape).toEqual([4, 2, 3]);
});

test("expandDims and squeeze put in and take out axes of size 1", () => {
  expect(expandDims(x, 0).shape).toEqual([1, 2, 3]);
  expect(expandDims(x, -1).shape).toEqual([2, 3, 1]);
  expect(squeeze(whole([1, 3, 1], 1)).shape).toEqual([3]);
  expect(squeeze(whole([1, 3, 1], 1), -1).shape).toEqual([1, 3]);
  expect(complaint(() => squeeze(x, 0))).toMatchInlineSnapshot(
    `"ShapeError: squeeze: needs size 1 on axis 0, got [2, 3]"`,
  );
  expect(complaint(() => expandDims(x, 4))).toMatchInlineSnapshot(
    `"ValueError: expandDims: needs an axis in -3 … 2, got 4"`,
  );
});

test("stack puts tensors side by side along a new axis, numbers among them", () => {
  expect(values(stack([tensor([1, 2]), tensor([3, 4])]))).toEqual([1, 2, 3, 4]);
  expect(values(stack([tensor([1, 2]), tensor([3, 4])], 1))).toEqual([1, 3, 2, 4]);
  expect(stack([tensor(1), 2]).shape).toEqual([2]);
  expect(stack([tensor([1, 2]), tensor([3, 4])], -1).shape).toEqual([2, 2]);
});

test("split cuts into equal parts or into given ones", () => {
  expect(split(x, 3, 1).map(values)).toEqual([
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
  expect(split(x, [1, 0, 2], -1).map((part) => part.shape)).toEqual([
    [2, 1],
    [2, 0],
    [2, 2],
  ]);
  expect(complaint(() => split(x, 2, 1))).toMatchInlineSnapshot(
    `"ShapeError: split: needs parts that make up 3, the size of axis 1, got 2 equal parts"`,
  );
  expect(complaint(() => split(x, [1, 1], 1))).toMatchInlineSnapshot(
    `"ShapeError: split: needs parts that make up 3, the size of axis 1, got sizes [1, 1]"`,
  );
  expect(complaint(() => split(x, [4, -1], 1))).toMatchInlineSnapshot(
    `"ShapeError: split: needs parts that make up 3, the size of axis 1, got sizes [4, -1]"`,
  );
  expect(complaint(() => split(x, 0, 1))).toMatchInlineSnapshot(
    `"ShapeError: split: needs parts that make up 3, the size of axis 1, got 0 equal parts"`,
  );
});

describe("pad with a value", () => {
  const amounts = [
    [0, 1],
    [1, 0],
  ] as const;

  test("puts the value, NaN and infinities too, around the tensor and nothing inside", () => {
    expect(values(pad(x, amounts, -Infinity))).toEqual([
      -Infinity,
      1,
      2,
      3,
      -Infinity,
      4,
      5,
      6,
      ...new Array<number>(4).fill(-Infinity),
    ]);
    const [dx] = gradients(sum(pad(x, amounts, NaN)), [x], { cotangent: tensor(1) });
    expect(values(dx!)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test("keeps the value out of the plan key: another value is another binding", () => {
    const [three, four] = [3, 4].map((value) => trace(pad(x, amounts, value)).nodes.map(({ attrs }) => attrs));
    expect(three).toEqual(four);
  });
});

test("tile repeats the tensor along each axis", () => {
  expect(values(tile(tensor([[1, 2]]), [2, 2]))).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
  expect(tile(x, [0, 1]).shape).toEqual([0, 3]);
  expect(complaint(() => tile(x, [2]))).toMatchInlineSnapshot(
    `"ValueError: tile: needs one count for each axis of [2, 3], got [2]"`,
  );
});
