import { expect, test } from "vitest";
import { complaint, values } from "../../test/whole.ts";
import {
  arange,
  broadcastTo,
  eye,
  iota,
  oneHot,
  ones,
  onesLike,
  random,
  tensor,
  tile,
  zeros,
  zerosLike,
} from "../index.ts";

test("zeros and ones come in every dtype, and like another tensor", () => {
  expect(values(zeros([2]))).toEqual([0, 0]);
  expect(ones([2], "bool").dtype).toBe("bool");
  const like = tensor([[1, 2]], { dtype: "i32" });
  expect([zerosLike(like).shape, zerosLike(like).dtype, values(onesLike(like))]).toEqual([[1, 2], "i32", [1, 1]]);
});

test("iota counts along one axis, in i32 unless told otherwise", () => {
  expect(values(iota([2, 3], 1))).toEqual([0, 1, 2, 0, 1, 2]);
  expect(values(iota([2, 3], -2))).toEqual([0, 0, 0, 1, 1, 1]);
  expect(iota([2], 0).dtype).toBe("i32");
});

test("arange stops short of its end, in either direction", () => {
  expect(values(arange(3))).toEqual([0, 1, 2]);
  expect(values(arange(2, 8, 3))).toEqual([2, 5]);
  expect(values(arange(1, -1, -0.5))).toEqual([1, 0.5, 0, -0.5]);
  expect(values(arange(5, 2))).toEqual([]);
  expect(values(arange(1, 4, 1, "i32"))).toEqual([1, 2, 3]);
  expect(complaint(() => arange(0, 5, 0))).toMatchInlineSnapshot(
    `"ValueError: arange: needs finite numbers and a step other than 0, got start 0, stop 5, step 0"`,
  );
});

test("eye is 1 where row and column agree", () => {
  expect(values(eye(2))).toEqual([1, 0, 0, 1]);
  expect(values(eye(2, 3, "i32"))).toEqual([1, 0, 0, 0, 1, 0]);
  expect(eye(0).shape).toEqual([0, 0]);
});

test("a shape that is none is refused by the call that asks for it", () => {
  expect(complaint(() => zeros([-1]))).toMatchInlineSnapshot(
    `"ValueError: fill: needs sizes that are whole and not negative, got [-1]"`,
  );
  for (const wrong of [
    () => zeros([1.5]),
    () => eye(-1),
    () => oneHot(1, -2),
    () => random.bits(random.key(1), [-2]),
  ]) {
    expect(complaint(wrong)).toContain("sizes that are whole and not negative");
  }
  expect(complaint(() => tile(tensor([1, 2]), [1.5]))).toContain("sizes that are whole and not negative");
  expect(complaint(() => broadcastTo(tensor([1]), [-3]))).toContain("sizes that are whole and not negative");
});

test("a number that the other side's integers cannot hold is refused, not truncated", () => {
  const x = tensor([4, 6], { dtype: "i32" });
  expect(complaint(() => x.mul(0.5))).toMatchInlineSnapshot(
    `
    "ValueError: full: needs a number that i32 holds, got 0.5
      hint: nothing is converted silently: cast first"
  `,
  );
  for (const wrong of [() => x.maximum(-Infinity), () => x.add(2 ** 31), () => arange(0, 2, 0.5, "i32")]) {
    expect(complaint(wrong)).toContain("needs a number that i32 holds");
  }
  expect(complaint(() => tensor([1], { dtype: "u32" }).greater(-1))).toContain("needs a number that u32 holds, got -1");
  expect(values(x.add(-(2 ** 31)).add(2 ** 31 - 1))).toEqual([3, 5]);
});
