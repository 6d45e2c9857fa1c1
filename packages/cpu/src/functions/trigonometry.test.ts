import { expect, test } from "vitest";
import { evaluate } from "./testing/evaluate.ts";
import { around, ofAllFloats } from "./testing/samples.ts";
import { cos, sin } from "./trigonometry.ts";

// A vector that holds a far number is reduced in another way as a whole. At odd multiples of π/4 the multiple of π/2 might
// be another one, and between these the rest might be rounded to another f32.
test("a far number changes no bit of its near neighbours", () => {
  const ends = Array.from({ length: 1000 }, (_, i) => ((2 * i + 1) * Math.PI) / 4);
  const samples = [around(ends, 30), ...ofAllFloats(2 ** 12)];
  for (const near of samples.map((xs) => xs.filter((x) => Math.abs(x) <= 2 ** 20))) {
    const amongFar = near.map((x, i) => (i % 4 === 3 ? 1e30 : x));
    for (const of of [sin, cos]) {
      const [alone, together] = [evaluate(of, near), evaluate(of, amongFar)];
      const changed = alone.findIndex((value, i) => i % 4 !== 3 && !Object.is(value, together[i]));
      expect(changed, `${near[changed]} gives ${alone[changed]} and ${together[changed]}`).toBe(-1);
    }
  }
});
