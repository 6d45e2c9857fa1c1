import { sizeOf, stridesOf } from "@steelyard/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { axisIndex, type Affine } from "../affine.ts";
import { points } from "../testing/simulate.ts";
import { indicesBefore, stepsBetween } from "./reshape-indices.ts";

const at = ({ constant, coefficients }: Affine, point: readonly number[]): number =>
  coefficients.reduce((sum, c, axis) => sum + c * point[axis]!, constant);

describe("before a reshape", () => {
  test("an axis that was split has the index that its parts count out, those of size 1 come and go", () => {
    expect(stepsBetween([6, 1, 4], [2, 3, 1, 4])).toEqual([
      [
        { axis: 0, step: 3 },
        { axis: 1, step: 1 },
      ],
      [],
      [{ axis: 3, step: 1 }],
    ]);
    expect(stepsBetween([1, 1], [])).toEqual([[], []]);
    expect(stepsBetween([], [1])).toEqual([]);
  });

  test.each([
    [[2, 3], [6]],
    [
      [2, 3],
      [3, 2],
    ],
    [
      [4, 3],
      [2, 6],
    ],
  ])("of %j to %j the indices are no affine functions: axes were merged", (from, to) => {
    expect(stepsBetween(from, to)).toBeNull();
  });

  test("nothing is split or merged where there are no elements", () => {
    expect(stepsBetween([0, 3], [0, 3])).not.toBeNull();
    expect(stepsBetween([2, 0], [0, 5, 7])).toEqual([[], []]);
  });

  test("every element is the one at the same place in row-major order", () => {
    const axis = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(axis, { maxLength: 3 }), (split) => {
        const [from, to] = [split.map(sizeOf), split.flat()];
        const indices = indicesBefore(
          from,
          to,
          to.map((_, i) => axisIndex(i, to.length)),
          to.length,
        )!;
        points(to).forEach((point, place) => {
          const steps = stridesOf(from);
          expect(indices.reduce((sum, index, i) => sum + at(index, point) * steps[i]!, 0)).toBe(place);
        });
      }),
      fuzz(100),
    );
  });
});
