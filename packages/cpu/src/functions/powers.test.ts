import type { MapPrimitive } from "@steelyard/core";
import { describe, expect, test } from "vitest";
import { pow } from "./powers.ts";
import { largestError } from "./testing/accuracy.ts";
import { evaluate } from "./testing/evaluate.ts";
import { rows } from "./testing/rows.ts";
import { pairs, specialPairs, type Pairs } from "./testing/samples.ts";

describe("pow", () => {
  const { at, units } = rows.get("pow") as Extract<MapPrimitive["row"], { arity: 2 }>;
  const bound = 1.001;
  const samples: readonly (readonly [string, Pairs])[] = [
    ["special values", specialPairs()],
    ["powers of every size", pairs((x, random) => ((2 * random - 1) * 110) / Math.abs(Math.log(Math.abs(x))))],
    ["whole exponents of bases of both signs", pairs((_, random) => Math.floor(random * 60) - 30)],
    ["bases near 1", nearOne(pairs((_, random) => (random - 0.5) * 1000))],
  ];

  test("errs by at most half of what core's table allows", () => {
    expect(bound).toBeLessThanOrEqual(units / 2);
  });

  test.each(samples)(`errs by at most ${bound}u: %s`, (_, [xs, ys]) => {
    const values = evaluate(pow, xs, ys);
    const { error, at: i } = largestError(values, (k) => at(xs[k]!, ys[k]!));
    expect(error, `pow(${xs[i]}, ${ys[i]}) is ${values[i]}`).toBeLessThanOrEqual(bound);
  });

  test("is exact where the power of whole numbers is an f32", () => {
    const bases = Array.from({ length: 301 }, (_, i) => i - 150);
    const exponents = Array.from({ length: 25 }, (_, i) => i);
    const all = bases.flatMap((x) => exponents.map((y) => [x, y] as const));
    const exact = all.filter(([x, y]) => Math.abs(x) ** y <= 2 ** 24);
    const [xs, ys] = [Float32Array.from(exact, ([x]) => x), Float32Array.from(exact, ([, y]) => y)];
    expect([...evaluate(pow, xs, ys)]).toEqual(exact.map(([x, y]) => x ** y));
  });
});

/** Bases from ½ to 2, with the fractions they had. */
function nearOne([xs, ys]: Pairs): Pairs {
  const bits = new Uint32Array(xs.buffer).map((each, i) => (each & 0x7fffff) | (i % 2 === 0 ? 0x3f800000 : 0x3f000000));
  return [new Float32Array(bits.buffer), ys];
}
