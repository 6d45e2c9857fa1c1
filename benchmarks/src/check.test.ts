import { describe, expect, test } from "vitest";
import { faultOf } from "./check.ts";
import { netTolerance } from "./net/net-shape.ts";
import { tinyNet } from "./testing/tiny-works.ts";
import type { Work } from "./works/work.ts";

const product: Work = { kind: "matmul", name: "m", pass: "forward", m: 1, k: 9, n: 2 };
const training: Work = { kind: "net", name: "n", pass: "step", net: tinyNet };

/** A gradient of norm 5 that lies this far from [3, −4], as a share of that. */
const around = (by: number): [number, number] => [3 - 4 * by, -4 - 3 * by];

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
    const due = Float32Array.of(3, 2, 3, -4);
    const { loss, gradient } = netTolerance(tinyNet);
    expect(faultOf(training, Float32Array.of(3 * (1 + loss / 2), 2, ...around(gradient / 2)), due)).toBeNull();
    const first = Float32Array.of(3 * (1 + 2 * loss), 2, 3, -4);
    expect(faultOf(training, first, due)).toMatch(/^wrong: the first step's loss is 3\.\d+ where 3 is due$/);
    expect(faultOf(training, Float32Array.of(3, NaN, 3, -4), due)).toMatch(/^wrong: the second step's loss is NaN/);
    expect(faultOf(training, Float32Array.of(3, 2, ...around(2 * gradient)), due)).toMatch(
      /^wrong: the gradient .* is off by/,
    );
    expect(faultOf(training, Float32Array.of(3, 2, NaN, -4), due)).toMatch(/^wrong: the gradient .* is off by NaN/);
  });
});
