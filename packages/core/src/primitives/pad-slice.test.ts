import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { complaint, element, expectAdjoint, seeds, table, values, whole } from "../../test/whole.ts";
import { pad, slice, tensor, type Tensor } from "../index.ts";
import { apply } from "../tensor.ts";
import { padPrimitive } from "./pad-slice.ts";

const small = fc.nat(3);
const axisCase = fc.record({ size: fc.nat(4), low: small, high: small, interior: fc.nat(2) });
const cases = fc.record({ axes: fc.array(axisCase, { maxLength: 3 }), seed: seeds });

type Axes = readonly { size: number; low: number; high: number; interior: number }[];

function padded(x: Tensor, axes: Axes): Tensor {
  const of = (key: "low" | "high" | "interior"): number[] => axes.map((axis) => axis[key]);
  return apply(padPrimitive, [x], { low: of("low"), high: of("high"), interior: of("interior") });
}

function sliced(y: Tensor, axes: Axes): Tensor {
  const [starts, sizes] = [axes.map(({ low }) => low), axes.map(({ size }) => size)];
  return slice(
    y,
    starts,
    sizes,
    axes.map(({ interior }) => interior + 1),
  );
}

test("pad leaves zeros before, after and between", () => {
  fc.assert(
    fc.property(cases, ({ axes, seed }) => {
      const shape = axes.map(({ size }) => size);
      const x = whole(shape, seed);
      const y = padded(x, axes);
      const list = values(x);
      const expected = table(y.shape, (index) => {
        const from = index.map((i, axis) => (i - axes[axis]!.low) / (axes[axis]!.interior + 1));
        const inside = from.every((i, axis) => Number.isInteger(i) && i >= 0 && i < shape[axis]!);
        return inside ? element(list, shape, from) : 0;
      });
      expect(values(y)).toEqual(expected);
    }),
    fuzz(100),
  );
});

test("slice reads back what pad wrote", () => {
  fc.assert(
    fc.property(cases, ({ axes, seed }) => {
      const x = whole(
        axes.map(({ size }) => size),
        seed,
      );
      expect(values(sliced(padded(x, axes), axes))).toEqual(values(x));
    }),
    fuzz(50),
  );
});

test("pad and slice are adjoint, with zeros between and steps, bit for bit", () => {
  fc.assert(
    fc.property(cases, ({ axes, seed }) => {
      const x = whole(
        axes.map(({ size }) => size),
        seed,
      );
      expectAdjoint((v) => padded(v, axes), x, seed);
      expectAdjoint((v) => sliced(v, axes), whole(padded(x, axes).shape, seed), seed);
    }),
    fuzz(100),
  );
});

describe("arguments", () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  test("axes that are not listed are taken whole", () => {
    expect(values(slice(x, [1]))).toEqual([4, 5, 6]);
    expect(values(slice(x, [0, 0], [], [1, 2]))).toEqual([1, 3, 4, 6]);
    expect(values(slice(x, [0, 0], [2, 2], [1, 2]))).toEqual([1, 3, 4, 6]);
  });

  test("a slice stays inside its tensor", () => {
    expect(complaint(() => slice(x, [0, 1], [2, 2], [1, 2]))).toMatchInlineSnapshot(
      `"ShapeError: slice: needs a part of [2, 3], got start 1, size 2, step 2 on axis 1"`,
    );
    expect(complaint(() => slice(x, [-1], [1]))).toMatchInlineSnapshot(
      `"ValueError: slice: needs starts that are whole and at least 0, one for each axis of [2, 3], got [-1, 0]"`,
    );
    expect(complaint(() => slice(x, [3]))).toMatchInlineSnapshot(
      `"ShapeError: slice: needs a part of [2, 3], got start 3, size 0, step 1 on axis 0"`,
    );
  });

  test("padding is given for every axis and never negative", () => {
    expect(complaint(() => pad(x, [[1, 1]]))).toMatchInlineSnapshot(
      `"ValueError: pad: needs amounts before that are whole and at least 0, one for each axis of [2, 3], got [1]"`,
    );
    expect(
      complaint(() =>
        pad(x, [
          [0, -1],
          [0, 0],
        ]),
      ),
    ).toMatchInlineSnapshot(
      `"ValueError: pad: needs amounts after that are whole and at least 0, one for each axis of [2, 3], got [-1, 0]"`,
    );
  });
});
