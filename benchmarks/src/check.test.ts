import { describe, expect, test } from "vitest";
import { faultOf } from "./check.ts";
import { netTolerance } from "./net/net-shape.ts";
import { tinyNet } from "./testing/tiny-works.ts";
import type { Work } from "./works/work.ts";

const product: Work = { kind: "matmul", name: "m", pass: "forward", m: 1, k: 9, n: 2 };
const training: Work = { kind: "net", name: "n", pass: "step", net: tinyNet };

describe("a result is right", () => {
  test("when every number rounds to the whole number that is due", () => {
    expect(faultOf(product, Float32Array.of(3, -4), Float32Array.of(3, -4))).toBeNull();
    expect(faultOf(product, Float32Array.of(3.01, -4.2), Float32Array.of(3, -4))).toBeNull();
  });

  test("and else it is said which number is not", () => {
    expect(faultOf(product, Float32Array.of(3, -5), Float32Array.of(3, -4))).toBe(
      "wrong: number 1 is -5 where -4 is due",
    );
    expect(faultOf(product, Float32Array.of(NaN, -4), Float32Array.of(3, -4))).toBe(
      "wrong: number 0 is NaN where 3 is due",
    );
    expect(faultOf(product, Float32Array.of(3), Float32Array.of(3, -4))).toBe("wrong: 1 numbers where 2 are due");
  });

  test("of a training step when losses and gradient are within what rounding can do", () => {
    const due = Float32Array.of(3, 2, 1, -4);
    const inside = 1 + netTolerance(tinyNet) / 2;
    const outside = 1 + 2 * netTolerance(tinyNet);
    expect(faultOf(training, Float32Array.of(3 * inside, 2, 1, -4), due)).toBeNull();
    expect(faultOf(training, Float32Array.of(3 * outside, 2, 1, -4), due)).toMatch(
      /^wrong: the loss of the first step/,
    );
    expect(faultOf(training, Float32Array.of(3, 2 * outside, 1, -4), due)).toMatch(
      /^wrong: the loss of the second step/,
    );
    expect(faultOf(training, Float32Array.of(3, 2, 1, -4 * outside), due)).toMatch(/^wrong: the gradient/);
    expect(faultOf(training, Float32Array.of(3, 2, NaN, -4), due)).toMatch(/^wrong: the gradient/);
  });
});
