import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzz } from "../test/fuzz.ts";
import {
  axisIndex,
  constantIndex,
  isConstant,
  placeOf,
  plus,
  rangeOf,
  scaled,
  showAffine,
  type Affine,
} from "./affine.ts";
import { points } from "./testing/simulate.ts";

const space = [3, 1, 4];
const index: fc.Arbitrary<Affine> = fc.record({
  constant: fc.integer({ min: -9, max: 9 }),
  coefficients: fc.tuple(...space.map(() => fc.integer({ min: -5, max: 5 }))),
});
const at = ({ constant, coefficients }: Affine, point: readonly number[]): number =>
  coefficients.reduce((sum, c, axis) => sum + c * point[axis]!, constant);

test("sums and multiples of indices are those of their values, at every point", () => {
  fc.assert(
    fc.property(
      index,
      index,
      fc.integer({ min: -4, max: 4 }),
      fc.integer({ min: -4, max: 4 }),
      (a, b, factor, shift) => {
        for (const point of points(space)) {
          expect(at(plus(a, b), point)).toBe(at(a, point) + at(b, point));
          expect(at(scaled(a, factor, shift), point)).toBe(factor * at(a, point) + shift);
          expect(at(placeOf([a, b], [factor, 7], shift, 3), point)).toBe(
            factor * at(a, point) + 7 * at(b, point) + shift,
          );
        }
      },
    ),
    fuzz(50),
  );
});

test("the range of an index is the smallest and the largest of its values", () => {
  fc.assert(
    fc.property(index, (a) => {
      const values = points(space).map((point) => at(a, point));
      expect(rangeOf(a, space)).toEqual([Math.min(...values), Math.max(...values)]);
    }),
    fuzz(100),
  );
});

test("there is one zero: what is multiplied by zero is the constant 0, not −0", () => {
  expect(scaled({ constant: -3, coefficients: [-1, 2, 0] }, 0)).toEqual(constantIndex(0, 3));
  expect(isConstant(scaled(axisIndex(1, 3), 0))).toBe(true);
  expect(isConstant(axisIndex(1, 3))).toBe(false);
});

test("an index is shown as a formula", () => {
  expect(showAffine({ constant: -3, coefficients: [64, 0, -1] })).toBe("64·i0 − 1·i2 − 3");
  expect(showAffine({ constant: 0, coefficients: [0, 1] })).toBe("i1");
  expect(showAffine(constantIndex(0, 2))).toBe("0");
});
