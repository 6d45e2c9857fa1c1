import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  concat,
  conv,
  matmul,
  reshape,
  sizeOf,
  slice,
  stridesOf,
  tensor,
  type Shape,
  type Tensor,
} from "../src/index.ts";
import { convGradFilterPrimitive, convGradInputPrimitive, convPrimitive } from "../src/primitives/conv.ts";
import { dot, dotPrimitive } from "../src/primitives/dot.ts";
import { poolGatherPrimitive, poolScatterPrimitive } from "../src/primitives/max-pool.ts";
import { windowSpreadPrimitive, windowSumPrimitive } from "../src/primitives/window-sum.ts";
import { apply } from "../src/tensor.ts";
import { fuzz } from "./fuzz.ts";
import { expectAdjoint, expectSame, inner, tuples, valuesOf, whole } from "./whole-numbers.ts";
import { convCase, poolCase, touchingPoolCase, type SeededConvCase as ConvCase } from "./window-cases.ts";

const operands = ({ x, w, y, seed, bound }: ConvCase): { x: Tensor; w: Tensor; dy: Tensor } => ({
  x: whole(x, seed, bound),
  w: whole(w, seed + 1, bound),
  dy: whole(y, seed + 2, bound),
});
const inputOf = ({ x }: ConvCase): Shape => x.slice(1, -1);
const kernelOf = ({ w }: ConvCase): Shape => w.slice(0, -2);

/** Channels from … from + size. */
const channels = (x: Tensor, from: number, size: number): Tensor =>
  slice(x, [...x.shape.slice(1).map(() => 0), from], [...x.shape.slice(0, -1), size]);

const at = (shape: Shape, index: readonly number[]): number =>
  stridesOf(shape).reduce((offset, stride, axis) => offset + stride * index[axis]!, 0);

/** The definition, loop by loop, sharing nothing with the code under test. */
function naiveConv(x: ArrayLike<number>, w: ArrayLike<number>, { x: xs, w: ws, y: ys, attrs }: ConvCase): Float32Array {
  const [c, perGroup] = [ws.at(-2)!, ws.at(-1)! / attrs.groups];
  const y = new Float32Array(sizeOf(ys));
  const taps = tuples(ws.slice(0, -2));
  for (const [position, index] of tuples(ys).entries()) {
    const [n, o, out] = [index[0]!, index.at(-1)!, index.slice(1, -1)];
    for (const tap of taps) {
      const place = out.map(
        (i, axis) => i * attrs.stride[axis]! - attrs.padding[axis]![0] + tap[axis]! * attrs.dilation[axis]!,
      );
      if (place.some((p, axis) => p < 0 || p >= xs[axis + 1]!)) continue;
      for (let k = 0; k < c; k++) {
        const channel = Math.floor(o / perGroup) * c + k;
        y[position]! += x[at(xs, [n, ...place, channel])]! * w[at(ws, [...tap, k, o])]!;
      }
    }
  }
  return y;
}

describe("convolution is one trilinear form", () => {
  test("⟨conv(x, w), dy⟩ = ⟨x, convGradInput(dy, w)⟩ = ⟨w, convGradFilter(x, dy)⟩ bit for bit", () => {
    fc.assert(
      fc.property(convCase, (one) => {
        const { x, w, dy } = operands(one);
        const form = inner(apply(convPrimitive, [x, w], one.attrs), dy);
        const dx = apply(convGradInputPrimitive, [dy, w], { ...one.attrs, inputSpatial: inputOf(one) });
        const dw = apply(convGradFilterPrimitive, [x, dy], { ...one.attrs, kernel: kernelOf(one) });
        expect(inner(x, dx)).toBe(form);
        expect(inner(w, dw)).toBe(form);
      }),
      fuzz(150),
    );
  });

  test("each of the three has the other two as its adjoints", () => {
    fc.assert(
      fc.property(convCase, (one) => {
        const { x, w, dy } = operands(one);
        expectAdjoint(convPrimitive, [x, w], one.attrs, dy);
        expectAdjoint(convGradInputPrimitive, [dy, w], { ...one.attrs, inputSpatial: inputOf(one) }, x);
        expectAdjoint(convGradFilterPrimitive, [x, dy], { ...one.attrs, kernel: kernelOf(one) }, w);
      }),
      fuzz(80),
    );
  });

  test("conv is what its definition says, loop by loop", () => {
    fc.assert(
      fc.property(convCase, (one) => {
        const { x, w } = operands(one);
        const y = apply(convPrimitive, [x, w], one.attrs);
        expect(y.shape).toEqual(one.y);
        expect(valuesOf(y)).toEqual(naiveConv(valuesOf(x), valuesOf(w), one));
      }),
      fuzz(80),
    );
  });

  test("dilation is a kernel stuffed with zeros", () => {
    fc.assert(
      fc.property(convCase, (one) => {
        const { x, w } = operands(one);
        const { dilation, ...rest } = one.attrs;
        const stuffed = [...kernelOf(one).map((taps, i) => (taps - 1) * dilation[i]! + 1), ...one.w.slice(-2)];
        const values = new Float32Array(sizeOf(stuffed));
        const strides = stridesOf(stuffed);
        for (const [i, index] of tuples(one.w).entries()) {
          const place = index.reduce((offset, tap, axis) => offset + tap * (dilation[axis] ?? 1) * strides[axis]!, 0);
          values[place] = valuesOf(w)[i]!;
        }
        expectSame(conv(x, w, one.attrs), conv(x, tensor(values, { shape: stuffed }), rest));
      }),
      fuzz(30),
    );
  });

  test("stride takes every so many of the outputs", () => {
    fc.assert(
      fc.property(convCase, (one) => {
        const { x, w } = operands(one);
        const { stride, ...rest } = one.attrs;
        const every = conv(x, w, rest);
        const some = slice(
          every,
          one.y.map(() => 0),
          one.y,
          [1, ...stride, 1],
        );
        expectSame(conv(x, w, one.attrs), some);
      }),
      fuzz(30),
    );
  });

  test("groups are convolutions side by side", () => {
    fc.assert(
      fc.property(convCase, (one) => {
        const { x, w } = operands(one);
        const { groups, ...rest } = one.attrs;
        const [c, o] = [one.w.at(-2)!, one.w.at(-1)! / groups];
        const parts = Array.from({ length: groups }, (_, g) =>
          conv(channels(x, g * c, c), channels(w, g * o, o), rest),
        );
        expectSame(conv(x, w, one.attrs), concat(parts, -1));
      }),
      fuzz(30),
    );
  });

  test("a 1×1 convolution is a matrix product", () => {
    const size = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(size, size, size, size, size, fc.nat(), (n, h, width, c, o, seed) => {
        const [x, w] = [whole([n, h, width, c], seed, 9), whole([1, 1, c, o], seed + 1, 9)];
        expectSame(conv(x, w), matmul(x, reshape(w, [c, o])));
      }),
      fuzz(30),
    );
  });
});

describe("the matrix product is a trilinear form too", () => {
  test("⟨A·B, dC⟩ = ⟨A, dC·Bᵀ⟩ = ⟨B, Aᵀ·dC⟩ bit for bit", () => {
    const size = fc.integer({ min: 0, max: 11 });
    fc.assert(
      fc.property(size, size, size, size, fc.nat(), (batch, m, k, n, seed) => {
        const [a, b] = [whole([batch, m, k], seed, 9), whole([batch, k, n], seed + 1, 9)];
        const dC = whole([batch, m, n], seed + 2, 9);
        expect(dot(a, b).shape).toEqual([batch, m, n]);
        expectAdjoint(dotPrimitive, [a, b], {}, dC);
      }),
      fuzz(100),
    );
  });
});

describe("pooling comes in adjoint pairs", () => {
  test("the sum over windows and the spread over windows are adjoint", () => {
    fc.assert(
      fc.property(poolCase, ({ x, y, attrs, inputSpatial, seed }) => {
        const [values, sums] = [whole(x, seed, 9), whole(y, seed + 1, 9)];
        expectAdjoint(windowSumPrimitive, [values], attrs, sums);
        expectAdjoint(windowSpreadPrimitive, [sums], { ...attrs, inputSpatial }, values);
      }),
      fuzz(80),
    );
  });

  test("the sum over windows is a depthwise convolution with ones", () => {
    fc.assert(
      fc.property(poolCase, ({ x, attrs: { window, ...rest }, seed }) => {
        const values = whole(x, seed, 9);
        const groups = x.at(-1)!;
        const ones = tensor(new Float32Array(sizeOf(window) * groups).fill(1), { shape: [...window, 1, groups] });
        expectSame(apply(windowSumPrimitive, [values], { window, ...rest }), conv(values, ones, { ...rest, groups }));
      }),
      fuzz(30),
    );
  });

  // Three different values only: ties everywhere.
  test("the maximum's copy and its scatter are adjoint, ties included", () => {
    fc.assert(
      fc.property(touchingPoolCase, ({ x, y, attrs, seed }) => {
        const selector = whole(x, seed, 1);
        const [values, chosen] = [whole(x, seed + 1, 9), whole(y, seed + 2, 9)];
        expectAdjoint(poolGatherPrimitive, [selector, values], attrs, chosen);
        expectAdjoint(poolScatterPrimitive, [selector, chosen], attrs, values);
      }),
      fuzz(80),
    );
  });

  test("the maximum of a window is the largest and the first of the largest", () => {
    fc.assert(
      fc.property(touchingPoolCase, ({ x, y, attrs, seed }) => {
        const selector = whole(x, seed, 1);
        // Copying the positions themselves shows which one was chosen.
        const positions = tensor(
          Float32Array.from({ length: sizeOf(x) }, (_, i) => i),
          { shape: x },
        );
        const chosen = valuesOf(apply(poolGatherPrimitive, [selector, positions], attrs));
        const [values, strides] = [valuesOf(selector), stridesOf(x)];
        const expected = tuples(y).map((index) => {
          const inside = tuples(attrs.window)
            .map((tap) => tap.map((k, axis) => index[axis + 1]! * attrs.stride[axis]! - attrs.padding[axis]![0] + k))
            .filter((place) => place.every((p, axis) => p >= 0 && p < x[axis + 1]!))
            .map((place) => [index[0]!, ...place, index.at(-1)!].reduce((sum, p, axis) => sum + p * strides[axis]!, 0));
          const largest = Math.max(...inside.map((place) => values[place]!));
          return inside.find((place) => values[place] === largest)!;
        });
        expect([...(chosen as Float32Array)]).toEqual(expected);
      }),
      fuzz(60),
    );
  });
});
