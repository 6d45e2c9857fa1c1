import { describe, expect, test } from "vitest";
import { cast, gradients, matmul, ones, sizeOf, sum, tensor, zeros, type Tensor } from "../index.ts";

const counting = (...shape: number[]): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => i + 1),
    { shape },
  );

describe("matmul", () => {
  test("rows times columns", async () => {
    const product = matmul(counting(2, 3), counting(3, 2));
    expect(await product.array()).toEqual([
      [22, 28],
      [49, 64],
    ]);
  });

  test("a vector is a row on the left, a column on the right, and its axis goes", async () => {
    const m = counting(2, 3);
    expect(await matmul(m, tensor([1, 0, -1])).array()).toEqual([-2, -2]);
    expect(await matmul(tensor([1, -1]), m).array()).toEqual([-3, -3, -3]);
    expect(await matmul(tensor([1, 2]), tensor([3, 4])).array()).toBe(11);
  });

  test("batch axes broadcast", async () => {
    const [a, b] = [counting(2, 1, 1, 2), counting(3, 2, 1)];
    const product = matmul(a, b);
    expect(product.shape).toEqual([2, 3, 1, 1]);
    expect(await product.data()).toEqual(Float32Array.of(5, 11, 17, 11, 25, 39));
    expect(matmul(zeros([4, 5]), zeros([7, 5, 6])).shape).toEqual([7, 4, 6]);
    expect(matmul(zeros([5]), zeros([7, 5, 6])).shape).toEqual([7, 6]);
    expect(matmul(zeros([7, 4, 5]), zeros([5])).shape).toEqual([7, 4]);
  });

  test("one matrix for a whole batch is not repeated: its gradient sums over the batch in the product", async () => {
    const [x, w] = [counting(2, 3, 2), ones([2, 2])];
    const y = matmul(x, w);
    expect(y.node.inputs[0]!.shape).toEqual([1, 6, 2]);
    const [dw] = gradients(sum(y), [w]);
    expect(await dw!.array()).toEqual([
      [36, 36],
      [42, 42],
    ]);
  });

  test("sizes may be zero: an empty sum is zero", async () => {
    expect(await matmul(zeros([2, 0]), zeros([0, 2])).data()).toEqual(new Float32Array(4));
    expect(matmul(zeros([0, 3, 2]), zeros([2, 4])).shape).toEqual([0, 3, 4]);
  });

  test("inner sizes that differ are refused with both shapes", () => {
    const [needs, hint] = ["needs [M, K] × [K, N]", "transpose one side, or reshape a vector to [1, K] or [K, 1]"];
    expect(() => matmul(zeros([1, 2]), zeros([3, 1]))).toThrow(
      `matmul: ${needs}, got [1, 2] × [3, 1]\n  hint: ${hint}`,
    );
    expect(() => matmul(2, zeros([3]))).toThrow(`matmul: ${needs}, got [] × [3]\n  hint: ${hint}`);
    expect(() => matmul(zeros([2, 1, 2]), zeros([3, 2, 1]))).toThrow("matmul: needs shapes that broadcast together");
  });

  test("dtypes do not mix", () => {
    expect(() => matmul(zeros([2, 2]), cast(zeros([2, 2]), "f64"))).toThrow(
      "matmul: needs operands of one float dtype, got f32, f64",
    );
  });
});
