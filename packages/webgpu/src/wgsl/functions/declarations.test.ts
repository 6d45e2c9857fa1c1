import fc from "fast-check";
import { expect, test } from "vitest";
import { declarationsOf, float, polynomial } from "./declarations.ts";

function floatOf(word: number): number {
  return new Float32Array(Uint32Array.of(word).buffer)[0]!;
}

test("declarations are found by their names, with the remarks before them", () => {
  const text = "// A pair.\nstruct Pair {\n  x: f32,\n}\n\nfn first(pair: Pair) -> f32 {\n  return pair.x;\n}";
  const [pair, first] = text.split("\n\n");
  expect(declarationsOf(text)).toEqual({ Pair: pair, first });
});

test("a literal reads as the f32 that it stands for, in no more digits than that takes", () => {
  fc.assert(
    fc.property(
      fc
        .nat(2 ** 32 - 1)
        .map(floatOf)
        .filter(Number.isFinite),
      (x) => {
        const literal = float(x);
        expect(literal.at(-1)).toBe("f");
        expect(Math.fround(Number(literal.slice(0, -1)))).toBe(x === 0 ? 0 : x);
      },
    ),
  );
  expect([float(0.1), float(1), float(-2.5e-30), float(2 ** 25)]).toEqual(["0.1f", "1f", "-2.5e-30f", "33554432f"]);
});

test("a polynomial is written by Horner's rule", () => {
  expect(polynomial("x", [1, -0.5, 0.25])).toBe("1f + x * (-0.5f + x * 0.25f)");
});
