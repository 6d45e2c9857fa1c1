import { describe, expect, test } from "vitest";
import { complaint, values } from "../../test/whole.ts";
import { gradients, logSoftmax, logSumExp, mul, ones, softmax, sum, tensor } from "../index.ts";

const close = (found: number[], expected: number[]): void => {
  expect(found.length).toBe(expected.length);
  // A few roundings of f32 on numbers of this size.
  found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(4e-7 * Math.max(1, Math.abs(value))));
};

const logits = [0.5, -1, 2];
const total = logits.reduce((s, v) => s + Math.exp(v), 0);

describe("softmax and its logarithm", () => {
  test("follow their formulas, along any axis", () => {
    const expected = logits.map((v) => Math.exp(v) / total);
    close(values(softmax(tensor(logits))), expected);
    close(values(softmax(tensor([logits, logits]), 1)), [...expected, ...expected]);
    close(values(softmax(tensor(logits, { shape: [3, 1] }), 0)), expected);
    close(values(logSoftmax(tensor(logits))), expected.map(Math.log));
  });

  test("do not overflow: a shift of the logits changes nothing", () => {
    close(values(softmax(tensor([1e4, 1e4]))), [0.5, 0.5]);
    close(values(logSoftmax(tensor([0, -1e4]))), [0, -1e4]);
  });

  test("give masked logits no weight and no gradient", () => {
    const x = tensor([1, -Infinity, 1]);
    expect(values(softmax(x))).toEqual([0.5, 0, 0.5]);
    const [dx] = gradients(sum(mul(softmax(x), tensor([1, 2, 3]))), [x]);
    expect(values(dx!)).toEqual([-0.5, 0, 0.5]);
  });

  test("have the gradients y·(dy − Σ dy·y) and dy − y·Σ dy", () => {
    const x = tensor(logits);
    const y = logits.map((v) => Math.exp(v) / total);
    const dy = [1, -2, 3];
    const dot = dy.reduce((s, v, i) => s + v * y[i]!, 0);
    close(
      values(gradients(softmax(x), [x], { cotangent: tensor(dy) })[0]!),
      y.map((v, i) => v * (dy[i]! - dot)),
    );
    close(
      values(gradients(logSoftmax(x), [x], { cotangent: tensor(dy) })[0]!),
      y.map((v, i) => dy[i]! - 2 * v),
    );
  });
});

describe("logSumExp", () => {
  test("is stable and its gradient is the softmax", () => {
    const x = tensor(logits);
    close(values(logSumExp(x)), [Math.log(total)]);
    close(values(logSumExp(tensor([1e4, 1e4]))), [1e4 + Math.LN2]);
    close(values(gradients(logSumExp(x), [x])[0]!), values(softmax(x)));
  });

  test("of -Infinity alone is -Infinity without a gradient, of +Infinity it is Infinity", () => {
    const x = tensor([
      [-Infinity, -Infinity],
      [-Infinity, 2],
      [Infinity, 0],
    ]);
    const y = logSumExp(x, 1);
    expect(values(y)).toEqual([-Infinity, 2, Infinity]);
    expect(values(gradients(sum(y), [x])[0]!).slice(0, 4)).toEqual([0, 0, 0, 1]);
  });

  test("reduces several axes and keeps them on demand", () => {
    const x = ones([2, 3, 4]);
    expect(logSumExp(x).shape).toEqual([]);
    expect(logSumExp(x, [0, 2]).shape).toEqual([3]);
    expect(logSumExp(x, [0, 2], { keepDims: true }).shape).toEqual([1, 3, 1]);
  });
});

test("softmax is for floats", () => {
  expect(complaint(() => softmax(ones([3], "i32")))).toMatchInlineSnapshot(`
    "DTypeError: softmax: needs a float tensor, got i32
      hint: cast first: cast(x, "f32")"
  `);
});
