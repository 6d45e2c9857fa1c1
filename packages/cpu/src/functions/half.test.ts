import { roundToHalf as nearestHalf } from "@steelyard/core";
import { expect, test } from "vitest";
import { roundToHalf } from "./half.ts";
import { evaluate } from "./testing/evaluate.ts";
import { ofAllFloats, spacing } from "./testing/samples.ts";

// All f16 that are numbers, in order: from the largest negative to ∞.
const positive = Array.from({ length: 0x7c01 }, (_, bits) => halfOf(bits));
const halves = [
  ...positive
    .slice(1)
    .toReversed()
    .map((x) => -x),
  ...positive,
];

function halfOf(bits: number): number {
  const fraction = bits & 0x3ff;
  const exponent = bits >> 10;
  if (exponent === 31) return Infinity;
  return exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
}

test("an f16 is its own nearest f16, with the sign of zero", () => {
  const xs = Float32Array.from([...halves, -0]);
  expectValues(xs, xs);
});

test("half way between two f16 lies the even one, and on each side of that the nearer one", () => {
  // Beyond 65504 the next f16 would be 65536: that is ∞.
  const finite = positive.map((x) => (x === Infinity ? 65536 : x));
  const expected = finite.slice(1).flatMap((upper, i) => {
    const lower = finite[i]!;
    const middle = (lower + upper) / 2;
    const even = i % 2 === 0 ? lower : upper;
    return [
      [previousFloat(middle), lower],
      [middle, even],
      [nextFloat(middle), upper],
    ] as const;
  });
  const xs = Float32Array.from(expected, ([x]) => x);
  const ys = Float32Array.from(expected, ([, y]) => (y === 65536 ? Infinity : y));
  expectValues(xs, ys);
  expectValues(
    xs.map((x) => -x),
    ys.map((y) => -y),
  );
});

test("agrees with the host's conversion on a sample of all f32, NaN among them", () => {
  for (const xs of ofAllFloats(spacing)) expectValues(xs, xs.map(nearestHalf));
});

function expectValues(xs: Float32Array, expected: Float32Array): void {
  const values = evaluate(roundToHalf, xs);
  const wrong = values.findIndex((value, i) => !Object.is(value, expected[i]));
  expect(wrong, `${xs[wrong]} became ${values[wrong]}, not ${expected[wrong]}`).toBe(-1);
}

function nextFloat(x: number): number {
  return new Float32Array(Uint32Array.of(bitsOf(x) + 1).buffer)[0]!;
}

function previousFloat(x: number): number {
  return new Float32Array(Uint32Array.of(bitsOf(x) - 1).buffer)[0]!;
}

function bitsOf(x: number): number {
  return new Uint32Array(Float32Array.of(x).buffer)[0]!;
}
