import { describe, expect, test } from "vitest";
import { avgPool, gradients, maxPool, mul, sum, tensor, zeros, type PoolOptions } from "../index.ts";

const row = (...values: number[]) => tensor([values.map((v) => [v])]);

describe("maxPool", () => {
  test("takes the largest of each window, which tile the input when no stride is given", async () => {
    expect(await maxPool(row(1, 3, 2, 5, 4, 9), { window: 2 }).data()).toEqual(Float32Array.of(3, 5, 9));
    expect(await maxPool(row(1, 3, 2, 5), { window: 3, stride: 1 }).data()).toEqual(Float32Array.of(3, 5));
  });

  test("padding never wins, though all else be negative", async () => {
    const y = maxPool(row(-3, -1, -2), { window: 3, stride: 1, padding: "same" });
    expect(await y.data()).toEqual(Float32Array.of(-1, -1, -1));
  });

  test("among equals the first wins, and receives all of the gradient", async () => {
    const x = row(7, 7, 1, 2, 7, 7);
    const y = maxPool(x, { window: 3 });
    expect(await gradients(sum(y), [x])[0]!.data()).toEqual(Float32Array.of(1, 0, 0, 0, 1, 0));
  });

  test("an element that wins in several windows receives all their gradients", async () => {
    const x = row(1, 9, 2, 3);
    const y = maxPool(x, { window: 2, stride: 1 });
    const [dx] = gradients(y, [x], { cotangent: row(1, 10, 100) });
    expect(await dx!.data()).toEqual(Float32Array.of(0, 11, 0, 100));
  });

  test("differentiates twice: of max(x)² at the winner the second derivative is 2", async () => {
    const x = row(1, 5);
    const y = maxPool(x, { window: 2 });
    const [dx] = gradients(sum(mul(y, y)), [x]);
    expect(await gradients(sum(dx!), [x])[0]!.data()).toEqual(Float32Array.of(0, 2));
  });

  test("a NaN is not lost", async () => {
    expect(await maxPool(row(1, NaN, 2, 4), { window: 2 }).data()).toEqual(Float32Array.of(NaN, 4));
  });

  test("works over one, two and three axes, and channels do not mix", async () => {
    expect(maxPool(zeros([2, 8, 3]), { window: 2 }).shape).toEqual([2, 4, 3]);
    expect(maxPool(zeros([2, 7, 8, 3]), { window: [3, 2], stride: 2, padding: 1 }).shape).toEqual([2, 4, 5, 3]);
    expect(maxPool(zeros([2, 4, 6, 8, 3]), { window: 2 }).shape).toEqual([2, 2, 3, 4, 3]);
    expect(await maxPool(tensor([[[1, 9], [2, 8]]]), { window: 2 }).array()).toEqual([[[2, 9]]]); // prettier-ignore
  });

  test("refuses windows that hold padding only", () => {
    expect(() => maxPool(row(1, 2, 3), { window: 2, padding: 2 })).toThrow(
      "maxPool: needs every window to hold at least one element that is not padding, " +
        "got a window of 2 with stride 2 over 3 elements, 2 padded before them\n  hint: pad less than the window",
    );
    expect(() => maxPool(row(1, 2, 3), { window: 1, stride: 1, padding: [[0, 1]] })).toThrow("at least one element");
    expect(() => maxPool(zeros([1, 0, 2]), { window: 1, padding: 1 })).toThrow("at least one element");
    expect(() => maxPool(row(1, 2, 3), { window: 4 })).toThrow("maxPool: needs a window that fits");
    const unknown = { window: 1, padding: "foo" } as unknown as PoolOptions;
    expect(() => maxPool(row(1, 2, 3), unknown)).toThrow('maxPool: needs padding: "same"');
    expect(() => maxPool(zeros([4]), { window: 1 })).toThrow("maxPool: needs x [N, ...spatial, C], got [4]");
  });
});

describe("avgPool", () => {
  test("is the mean of each window", async () => {
    expect(await avgPool(row(1, 3, 2, 6), { window: 2 }).data()).toEqual(Float32Array.of(2, 4));
  });

  test("padding counts for nothing: neither in the sum nor in the number", async () => {
    const y = avgPool(row(2, 4, 9), { window: 3, stride: 1, padding: "same" });
    expect(await y.data()).toEqual(Float32Array.of(3, 5, 6.5));
  });

  test("its gradient shares each cotangent among the elements of its window", async () => {
    const x = row(2, 4, 9);
    const y = avgPool(x, { window: 3, stride: 2, padding: 1 });
    const [dx] = gradients(y, [x], { cotangent: row(2, 20) });
    expect(await dx!.data()).toEqual(Float32Array.of(1, 11, 10));
  });

  test("refuses windows that hold padding only", () => {
    expect(() => avgPool(row(1), { window: 1, padding: 1 })).toThrow("avgPool: needs every window to hold");
  });
});
