import { conv, f32Algebra, gradients, interpret, matmul, maxPool, sum, type Tensor } from "@steelyard/core";
import { drawing, drawInput, evaluate } from "@steelyard/core/testing";
import { afterAll, describe, expect, test } from "vitest";
import { cpu } from "../src/index.ts";

// Sizes at which kernels are cut into chunks and blocks for caches, most of them no multiple of anything. Numbers are whole
// and sums stay below 2²⁴, so every order of addition gives the same bits; Winograd's transforms, which multiply by fractions,
// have tests of their own.

const draw = drawing(9);
const whole = (shape: readonly number[], wholeUpTo = 3): Tensor => drawInput({ shape }, draw, { wholeUpTo });

/** A convolution and both of its gradients, along whole numbers. */
function convolution(x: readonly number[], w: readonly number[], options: Parameters<typeof conv>[2]): Tensor[] {
  const [image, filters] = [whole(x), whole(w)];
  const y = conv(image, filters, options);
  return [y, ...gradients(y, [image, filters], { cotangent: whole(y.shape) })];
}

function product(...[m, k, n]: readonly [number, number, number]): Tensor[] {
  const [a, b] = [whole([m, k]), whole([k, n])];
  const c = matmul(a, b);
  return [c, ...gradients(c, [a, b], { cotangent: whole(c.shape) })];
}

const cases: Readonly<Record<string, () => Tensor[]>> = {
  "3×3, padded": () => convolution([2, 29, 31, 24], [3, 3, 24, 37], { padding: "same" }),
  "3×3, stride 2, few channels": () => convolution([3, 41, 40, 3], [3, 3, 3, 20], { stride: 2, padding: [[1, 0], [0, 1]] }), // prettier-ignore
  "7×1, dilated": () => convolution([2, 33, 17, 16], [7, 1, 16, 12], { dilation: [2, 1], padding: "same" }),
  "1×1": () => convolution([3, 19, 17, 65], [1, 1, 65, 33], {}),
  "in groups": () => convolution([2, 20, 21, 24], [3, 3, 8, 36], { groups: 3, padding: "same" }),
  depthwise: () => convolution([2, 20, 21, 24], [3, 3, 1, 24], { groups: 24, padding: "same" }),
  "along one axis, long": () => convolution([2, 1021, 9], [5, 9, 14], { stride: 3, padding: [[2, 2]] }),
  "along three axes": () => convolution([2, 9, 10, 11, 6], [3, 3, 3, 6, 10], { padding: "same" }),
  "a square product": () => product(129, 131, 127),
  "a tall product": () => product(1031, 33, 9),
  "a wide product": () => product(7, 65, 1033),
  "a deep product": () => product(19, 4099, 23),
  "a column": () => product(517, 700, 1),
  "products of a batch": () => {
    const [a, b] = [whole([6, 37, 41]), whole([6, 41, 29])];
    const c = matmul(a, b);
    return [c, ...gradients(c, [a, b], { cotangent: whole(c.shape) })];
  },
  "maxima of windows": () => {
    const x = whole([3, 45, 44, 20], 1);
    const y = maxPool(x, { window: 3, stride: 2, padding: [[1, 1], [0, 1]] }); // prettier-ignore
    return [y, ...gradients(y, [x], { cotangent: whole(y.shape) })];
  },
  "sums and maxima over every set of axes": () => {
    const x = whole([53, 47, 67]);
    const sets = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]];
    return [...sets.map((axes) => sum(x, axes)), ...sets.map((axes) => x.max(axes)), x.argMax(1), x.argMin(0)];
  },
  "views of a large tensor": () => {
    const x = whole([64, 65, 66]);
    return [x.transpose(), x.transpose([1, 0, 2]), x.flip([0, 2]).slice([3, 1, 2], [30, 32, 31], [2, 2, 2]), x.reshape([-1, 65]).transpose()]; // prettier-ignore
  },
};

describe.each([
  { threads: 1, family: "plain" },
  { threads: 3, family: "fma" },
  { threads: 2, family: "wide" },
] as const)("whole numbers at large sizes are exact with %o", (options) => {
  const device = cpu({ ...options, winograd: false });
  afterAll(() => device.close());

  test.each(Object.entries(cases))("%s", async (_, roots) => {
    const asked = roots();
    const got = await evaluate(device, asked);
    interpret(f32Algebra, asked).forEach(({ planes: [wanted] }, i) => {
      expect(got[i]).toHaveLength(wanted!.length);
      // A sum's zero has the sign of its order.
      expect(got[i]!.findIndex((value, at) => value !== wanted![at])).toBe(-1);
    });
  });
});
