import { describe, expect, test } from "vitest";
import {
  cast,
  conv,
  convTranspose,
  depthwiseConv,
  gradients,
  ones,
  realise,
  sum,
  tensor,
  transpose,
  zeros,
  type ConvOptions,
  type Tensor,
} from "../index.ts";

const row = (...values: number[]) => tensor([values.map((v) => [v])]);
const filter = (...taps: number[]) => tensor(taps.map((v) => [[v]]));

const padded = (padding: unknown) => (): Tensor => {
  return conv(zeros([1, 4, 4, 2]), zeros([3, 3, 2, 4]), { padding } as ConvOptions);
};

describe("conv", () => {
  test("slides the filter without flipping it", async () => {
    expect(await conv(row(1, 2, 3, 4), filter(1, 0, -1)).data()).toEqual(Float32Array.of(-2, -2));
  });

  test("padding counts as zeros and may differ on the two sides", async () => {
    const y = conv(row(1, 2, 3), filter(1, 10), { padding: [[2, 1]] });
    expect(await y.data()).toEqual(Float32Array.of(0, 10, 21, 32, 3));
  });

  test('"same" keeps ⌈input / stride⌉ positions and pads more at the end, as TensorFlow does', async () => {
    expect(await conv(row(1, 2, 3, 4), filter(1, 1), { padding: "same" }).data()).toEqual(Float32Array.of(3, 5, 7, 4));
    expect(conv(zeros([1, 7, 6, 1]), zeros([3, 3, 1, 2]), { padding: "same", stride: 2 }).shape).toEqual([1, 4, 3, 2]);
    expect(conv(zeros([1, 7, 1]), zeros([3, 1, 1]), { padding: "same", dilation: 2 }).shape).toEqual([1, 7, 1]);
    // A stride beyond the kernel asks for no padding, never for less than none.
    expect(conv(zeros([1, 9, 1]), zeros([1, 1, 1]), { padding: "same", stride: 4 }).shape).toEqual([1, 3, 1]);
  });

  test("any number of spatial axes, none included", () => {
    expect(conv(zeros([5, 3]), zeros([3, 4])).shape).toEqual([5, 4]);
    expect(conv(zeros([2, 8, 3]), zeros([3, 3, 4])).shape).toEqual([2, 6, 4]);
    expect(conv(zeros([2, 8, 7, 3]), zeros([3, 3, 3, 4]), { padding: 1 }).shape).toEqual([2, 8, 7, 4]);
    expect(conv(zeros([2, 5, 6, 7, 3]), zeros([1, 2, 3, 3, 4]), { stride: [1, 2, 3] }).shape).toEqual([2, 5, 3, 2, 4]);
    expect(conv(zeros([0, 8, 3]), zeros([3, 3, 4])).shape).toEqual([0, 6, 4]);
  });

  test("its gradients count, for each input, the windows and, for each tap, the inputs it met", async () => {
    const [x, w] = [row(1, 2, 3, 4), filter(1, 1, 1)];
    const [dx, dw] = gradients(sum(conv(x, w)), [x, w]);
    await realise(dx!, dw!);
    expect(await dx!.data()).toEqual(Float32Array.of(1, 2, 2, 1));
    expect(await dw!.data()).toEqual(Float32Array.of(3, 5, 7));
  });

  test("the second derivative that mixes input and filter is the filter's own geometry", async () => {
    const [x, w] = [row(1, 2, 3, 4), filter(1, 1, 1)];
    const [dx] = gradients(sum(conv(x, w, { stride: 2, padding: 1 })), [x]);
    const [mixed] = gradients(sum(dx!), [w]);
    // Tap k stands over an element of x in as many outputs: 1 misses the first, 2 and 3 miss none.
    expect(await mixed!.data()).toEqual(Float32Array.of(1, 2, 2));
  });

  test("channels that do not match are refused, with the likely cause", () => {
    const needs = "conv: needs x [N, ...spatial, C] and filters [...kernel, C/groups, O]";
    expect(() => conv(zeros([1, 3, 8, 9]), zeros([3, 3, 3, 4]))).toThrow(
      `${needs}, here C = 3, got [1, 3, 8, 9] and [3, 3, 3, 4]\n` +
        "  hint: x looks like [N, C, ...spatial]: channels come last, transpose(x, [0, 2, 3, 1])",
    );
    expect(() => conv(zeros([1, 8, 9, 2]), zeros([4, 2, 3, 3]))).toThrow(
      `${needs}, here C = 3, got [1, 8, 9, 2] and [4, 2, 3, 3]\n` +
        "  hint: filters look like [O, C/groups, ...kernel]: transpose(w, [2, 3, 1, 0])",
    );
    expect(() => conv(zeros([1, 8, 6]), zeros([3, 6, 4]), { groups: 2 })).toThrow("with groups 2");
    expect(() => conv(zeros([8, 8, 3]), zeros([3, 3, 3, 4]))).toThrow(`${needs} of one rank`);
  });

  test("the hints' transpositions mend the layouts they speak of", () => {
    const [x, w] = [transpose(zeros([1, 2, 8, 9]), [0, 2, 3, 1]), transpose(zeros([4, 2, 3, 3]), [2, 3, 1, 0])];
    expect(conv(x, w).shape).toEqual([1, 6, 7, 4]);
  });

  test("a padding that is none is refused by the word or the numbers given", () => {
    const needs = 'conv: needs padding: "same", "valid", a number, or [before, after] for each spatial axis';
    expect(padded("foo")).toThrow(`${needs}, got "foo"`);
    expect(padded([1, 1])).toThrow(`${needs}, got [1,1]`);
    expect(padded(null)).toThrow(`${needs}, got null`);
    expect(padded([[1, 1]])).toThrow("conv: needs lower padding: 2 whole numbers");
  });

  test("geometry that makes no sense is refused", () => {
    const [x, w] = [zeros([1, 4, 2]), zeros([3, 2, 4])];
    expect(() => conv(x, w, { dilation: 2 })).toThrow(
      "conv: needs a window that fits into the padded input, got window [5], padded input [4]",
    );
    expect(() => conv(x, zeros([3, 1, 3]), { groups: 2 })).toThrow("a number of filters O that groups divides");
    expect(() => conv(x, w, { padding: -1 })).toThrow("conv: needs lower padding");
    expect(() => conv(x, w, { stride: 0 })).toThrow("conv: needs strides: 1 whole numbers of at least 1");
    expect(() => conv(x, w, { stride: [1, 1] })).toThrow(
      "conv: needs stride: a number, or one for each of 1 spatial axes",
    );
    expect(() => conv(x, cast(w, "f64"))).toThrow("conv: needs operands of one float dtype, got f32, f64");
  });
});

describe("depthwiseConv", () => {
  test("gives each channel its own filters", async () => {
    const x = tensor([[[1, 10], [2, 20], [3, 30]]]); // prettier-ignore
    const w = tensor([[[1, 0], [1, 2]], [[0, 1], [1, 0]]]); // prettier-ignore
    const y = depthwiseConv(x, w);
    expect(y.shape).toEqual([1, 2, 4]);
    expect(await y.data()).toEqual(Float32Array.of(1, 2, 30, 20, 2, 3, 50, 40));
  });

  test("refuses filters for another number of channels", () => {
    expect(() => depthwiseConv(zeros([1, 8, 3]), zeros([3, 2, 1]))).toThrow(
      "depthwiseConv: needs x [N, ...spatial, C]",
    );
  });
});

describe("convTranspose", () => {
  test("lays a filter down for every element", async () => {
    const y = convTranspose(row(1, 10), filter(1, 2, 3), { stride: 2 });
    expect(await y.data()).toEqual(Float32Array.of(1, 2, 13, 20, 30));
  });

  test("undoes the shape of the convolution with the same options", () => {
    const [x, w] = [zeros([1, 8, 5, 4]), zeros([3, 3, 4, 6])];
    const options = { stride: 2, padding: 1 };
    const y = conv(x, w, options);
    expect(convTranspose(y, w, { ...options, outputPadding: [1, 0] }).shape).toEqual(x.shape);
    expect(convTranspose(y, w, { ...options, outputSpatial: [8, 5] }).shape).toEqual(x.shape);
    expect(convTranspose(y, w, { stride: 2, padding: "same" }).shape).toEqual([1, 8, 6, 4]);
    expect(convTranspose(y, w, { stride: 3, padding: "same" }).shape).toEqual([1, 12, 9, 4]);
  });

  test("is the gradient of that convolution", async () => {
    const [x, w] = [ones([1, 5, 2]), tensor(Float32Array.from({ length: 12 }, (_, i) => i), { shape: [3, 2, 2] })]; // prettier-ignore
    const y = conv(x, w, { stride: 2 });
    const [dx] = gradients(y, [x], { cotangent: ones(y.shape) });
    expect(await convTranspose(ones(y.shape), w, { stride: 2 }).data()).toEqual(await dx!.data());
  });

  test("groups and outputs without any tap", async () => {
    const w = tensor([[[1, 2]]]);
    const y = convTranspose(tensor([[[3, 5]]]), w, { stride: 2, groups: 2, outputPadding: 1 });
    expect(await y.array()).toEqual([[[3, 10], [0, 0]]]); // prettier-ignore
  });

  test("refuses sizes that no convolution would bring back", () => {
    const [x, w] = [zeros([1, 4, 6]), zeros([3, 2, 6])];
    expect(() => convTranspose(x, w, { stride: 2, outputPadding: 2 })).toThrow("needs output sizes [9 … 10], got [11]");
    expect(() => convTranspose(x, w, { outputSpatial: [5] })).toThrow("needs output sizes [6], got [5]");
    expect(() => convTranspose(x, zeros([3, 6, 2]))).toThrow("convTranspose: needs x [N, ...spatial, C] and filters");
  });
});
