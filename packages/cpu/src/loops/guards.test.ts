import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Expr, Guard } from "@steelyard/compiler";
import { fuzz } from "../../test/fuzz.ts";
import { segmentsOf, type Work } from "./guards.ts";

const number = (value: number): Expr => ({ kind: "constant", dtype: "f32", value });

function work(expr: Expr): Work {
  return { accumulators: [], stores: [{ buffer: 0, at: { constant: 0, coefficients: [1, 0] }, expr }] };
}

const guard = (factor: number, constant: number, size: number): Guard => ({
  index: { constant, coefficients: [factor, 0] },
  size,
});

/** `pieces` behind each other along axis 0, as a concatenation is written. */
function concatenated(pieces: readonly number[]): Expr {
  const starts = pieces.map((_, i) => pieces.slice(0, i).reduce((sum, n) => sum + n, 0));
  return pieces.reduceRight<Expr>((otherwise, size, i) => {
    return { kind: "guarded", dtype: "f32", guards: [guard(1, -starts[i]!, size)], value: number(i), otherwise };
  }, number(-1));
}

describe("segments of an axis", () => {
  test("a concatenation is one after the other, without a guard left", () => {
    expect(segmentsOf(work(concatenated([3, 5, 4])), 0, 12)).toEqual([
      { from: 0, to: 3, work: work(number(0)) },
      { from: 3, to: 8, work: work(number(1)) },
      { from: 8, to: 12, work: work(number(2)) },
    ]);
  });

  test("without guards there is one", () => {
    expect(segmentsOf(work(number(1)), 0, 7)).toEqual([{ from: 0, to: 7, work: work(number(1)) }]);
  });

  test("guards that follow another axis, too, stay", () => {
    const both: Guard = { index: { constant: 0, coefficients: [1, 1] }, size: 3 };
    const expr: Expr = { kind: "guarded", dtype: "f32", guards: [both], value: number(1), otherwise: number(0) };
    expect(segmentsOf(work(expr), 0, 7)).toEqual([{ from: 0, to: 7, work: work(expr) }]);
  });

  test("cover the axis and decide every guard as its index says", () => {
    const guards = fc.record({
      factor: fc.integer({ min: -3, max: 3 }),
      constant: fc.integer({ min: -20, max: 20 }),
      size: fc.integer({ min: 0, max: 15 }),
    });
    fc.assert(
      fc.property(fc.array(guards, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 20 }), (list, size) => {
        const expr = list.reduceRight<Expr>(
          (otherwise, { factor, constant, size: n }, i) => ({
            kind: "guarded",
            dtype: "f32",
            guards: [guard(factor, constant, n)],
            value: number(i),
            otherwise,
          }),
          number(-1),
        );
        const segments = segmentsOf(work(expr), 0, size);
        const decided = segments.flatMap(({ from, to, work: { stores } }) => {
          const left = stores[0]!.expr;
          return Array.from({ length: to - from }, () => (left.kind === "constant" ? left.value : NaN));
        });
        const expected = Array.from({ length: size }, (_, i) => {
          return list.findIndex(
            ({ factor, constant, size: n }) => factor * i + constant >= 0 && factor * i + constant < n,
          );
        });
        expect(decided).toEqual(expected);
      }),
      { ...fuzz(300) },
    );
  });
});
