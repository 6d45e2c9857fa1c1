import { max, min, prod, sizeOf, sum, tensor, type Tensor } from "@steelyard/core";
import { evaluate } from "@steelyard/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { namesOf } from "../../test/planned.ts";
import type { Affine } from "../affine.ts";
import { simulatedDevice } from "../testing/simulated-device.ts";
import { points } from "../testing/simulate.ts";
import { axesOf } from "./maps.ts";
import { piecesOf } from "./reductions.ts";

const at = ({ constant, coefficients }: Affine, point: readonly number[]): number =>
  coefficients.reduce((total, c, axis) => total + c * point[axis]!, constant);

/** How many parts there are of each length. */
const partsOf = (space: number[], reduced: number[]): (readonly [parts: number, each: number])[] =>
  piecesOf(space, reduced).map(({ outer, inner }) => [sizeOf(outer), sizeOf(inner)]);

describe("a reduction is cut into parts", () => {
  test.each<[string, number[], number[], (readonly [number, number])[]]>([
    ["a large tensor, all of it", [], [4_194_304], [[16, 262_144]]],
    ["its rows and columns", [], [2048, 2048], [[16, 262_144]]],
    ["many rows of few columns", [3], [1_000_000], [[16, 62_500]]],
    ["a batch of images, for each channel", [64], [8, 32, 32], [[16, 512]]],
    [
      "sizes without a fitting divisor: with a rest",
      [],
      [1_000_003],
      [
        [16, 62_500],
        [1, 3],
      ],
    ],
    [
      "twice that",
      [],
      [2, 1_000_003],
      [
        [16, 125_000],
        [2, 3],
      ],
    ],
    ["a few rows: each of them", [64], [16, 77], [[16, 77]]],
    [
      "a few and a little: with a rest in each",
      [100],
      [12, 101],
      [
        [24, 50],
        [12, 1],
      ],
    ],
  ])("%s", (_, space, reduced, expected) => {
    expect(partsOf(space, reduced)).toEqual(expected);
  });

  test.each<[string, number[], number[]]>([
    ["that is small", [], [65_535]],
    ["of many results, which are work for all threads", [1025], [4096]],
    ["whose parts would be hardly more than a copy", [1024], [255]],
    ["without results", [0], [1_000_000]],
    ["without elements", [4], [0]],
  ])("but not one %s", (_, space, reduced) => {
    expect(partsOf(space, reduced)).toEqual([]);
  });

  test("that hold every element once", () => {
    const shape = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 2, maxLength: 3 });
    fc.assert(
      fc.property(
        shape.filter((sizes) => sizeOf(sizes) >= 1024 && sizeOf(sizes) < 20_000),
        (reduced) => {
          // So many results that it is worth while whatever is reduced.
          const pieces = piecesOf([1024], reduced);
          const seen = pieces.flatMap(({ outer, inner, indexOf }) => {
            const axes = axesOf([...outer, ...inner]);
            const indices = indexOf(axes.slice(0, outer.length), axes.slice(outer.length));
            return points([...outer, ...inner]).map((point) => indices.map((index) => at(index, point)).join());
          });
          const all = points(reduced).map((point) => point.join());
          expect(seen.toSorted()).toEqual(all.toSorted());
        },
      ),
      fuzz(30),
    );
  });
});

describe("what comes of a reduction with a rest", () => {
  // A prime number: the rest is one element, the last.
  const size = 65_537;
  const of = (numbers: (i: number) => number, dtype: "f32" | "i32" = "f32"): Tensor =>
    tensor(
      Array.from({ length: size }, (_, i) => numbers(i)),
      { dtype },
    );
  const isLast = (i: number): boolean => i === size - 1;

  test.each<[string, Tensor, number]>([
    ["a sum", sum(of((i) => (isLast(i) ? 1000 : (i % 3) - 1))), 999],
    ["a maximum", max(of((i) => (isLast(i) ? -1 : -2))), -1],
    ["a minimum", min(of((i) => (isLast(i) ? 1 : 2))), 1],
    ["a product", prod(of((i) => (isLast(i) ? 3 : i === 7 ? 2 : 1))), 6],
    ["a maximum of whole numbers", max(of((i) => -i - 5, "i32")), -5],
  ])("is right: %s", async (_, root, expected) => {
    const names: string[][] = [];
    const device = simulatedDevice({ columns: 8, panels: true }, (plan) => names.push(namesOf(plan)));
    const [result] = await evaluate(device, [root]);
    expect([...result!]).toEqual([expected]);
    expect(names.flat()).toHaveLength(3);
  });
});
