import type { MapPrimitive } from "@steelyard/core";
import { describe, expect, test } from "vitest";
import { mod } from "./remainder.ts";
import { evaluate } from "./testing/evaluate.ts";
import { rows } from "./testing/rows.ts";
import { floatOf, pairs, specialPairs, type Pairs } from "./testing/samples.ts";

describe("mod", () => {
  const { at } = rows.get("mod") as Extract<MapPrimitive["row"], { arity: 2 }>;
  const samples: readonly (readonly [string, Pairs])[] = [
    ["special values", specialPairs()],
    ["operands of all sizes, and so quotients up to 2²⁷⁷", pairs((_, random) => floatOf(random * 2 ** 32))],
    ["quotients of a few digits", pairs((x, random) => x * (random - 0.5))],
    ["quotients near whole numbers", pairs((x, random) => x / Math.floor(random * 1000))],
  ];

  test.each(samples)("is the f32 nearest to the exact remainder: %s", (_, [xs, ys]) => {
    const values = evaluate(mod, xs, ys);
    const wrong = values.findIndex((value, i) => !Object.is(value, Math.fround(at(xs[i]!, ys[i]!))));
    expect(wrong, `mod(${xs[wrong]}, ${ys[wrong]}) is ${values[wrong]}`).toBe(-1);
  });
});
