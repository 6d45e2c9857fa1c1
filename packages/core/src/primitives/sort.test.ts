import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { complaint, values } from "../../test/whole.ts";
import { argSort, gradients, mul, ones, sort, sum, tensor, topK } from "../index.ts";

const numbers = fc.array(fc.constantFrom(-Infinity, -2, -1, 0, 1, 2, 3, Infinity, NaN), {
  minLength: 1,
  maxLength: 12,
});

/** Insertion sort: stable by construction, NaN after everything. */
function insertionOrder(list: readonly number[], descending: boolean): number[] {
  const before = (a: number, b: number): boolean => {
    if (Number.isNaN(a) || Number.isNaN(b)) return !Number.isNaN(a) && Number.isNaN(b);
    return descending ? a > b : a < b;
  };
  const order: number[] = [];
  list.forEach((value, i) => {
    const at = order.findIndex((j) => before(value, list[j]!));
    order.splice(at < 0 ? order.length : at, 0, i);
  });
  return order;
}

test("argSort is stable in both directions and puts NaN last", () => {
  fc.assert(
    fc.property(numbers, fc.boolean(), (list, descending) => {
      const x = tensor(list);
      const order = insertionOrder(list, descending);
      expect(values(argSort(x, 0, { descending }))).toEqual(order);
      expect(values(sort(x, 0, { descending }))).toEqual(order.map((i) => list[i]!));
    }),
    fuzz(200),
  );
});

test("each line along the axis is sorted by itself", () => {
  const x = tensor([
    [3, 1],
    [2, 2],
    [1, 3],
  ]);
  expect(values(sort(x, 0))).toEqual([1, 1, 2, 2, 3, 3]);
  expect(values(sort(x, 1))).toEqual([1, 3, 2, 2, 1, 3]);
  expect(values(argSort(x, 0))).toEqual([2, 0, 1, 1, 0, 2]);
});

test("the gradient of a sorted tensor goes back to where each element came from", () => {
  const x = tensor([3, 1, 2]);
  const [dx] = gradients(sum(mul(sort(x), tensor([10, 20, 30]))), [x]);
  expect(values(dx!)).toEqual([30, 10, 20]);
});

test("topK gives the largest first and the first of equals first", () => {
  const { values: best, indices } = topK(tensor([2, 5, NaN, 5, 1]), 3);
  expect(values(best)).toEqual([5, 5, 2]);
  expect(values(indices)).toEqual([1, 3, 0]);
  expect(complaint(() => topK(ones([2, 3]), 4))).toMatchInlineSnapshot(`"ValueError: topK: needs k in 0 … 3, got 4"`);
});
