import { describe, expect, it } from "vitest";
import { linearBaseline } from "./linear-baseline.ts";
import { randomStream } from "./renderer/randomness.ts";

/** Three clouds around the corners of a triangle, in `width` dimensions of which two matter. */
function clouds(count: number, width: number): { readonly features: Float64Array; readonly labels: Int32Array } {
  const random = randomStream(1, "label", count, width);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const features = new Float64Array(count * width).map((_, at) => {
    const [i, k] = [Math.floor(at / width), at % width];
    const centre = k === 0 ? [0, 4, 0][labels[i] ?? 0] : k === 1 ? [0, 0, 4][labels[i] ?? 0] : 0;
    return (centre ?? 0) + 0.5 * random.normal();
  });
  return { features, labels };
}

describe("linearBaseline", () => {
  it("tells separated clouds apart, with more rows than features and the other way round", () => {
    for (const [count, width] of [
      [90, 5],
      [30, 60],
    ] as const) {
      const { features, labels } = clouds(count, width);
      expect(linearBaseline(features, labels, 3).accuracy(features, labels)).toBeGreaterThan(0.95);
    }
  });

  it("gives the least-squares line of a small example", () => {
    // Targets of class 1 at x = 0, 1, 2 are 0, 0, 1: slope 1/2, so the outputs of the two classes cross at x = 4/3.
    const line = linearBaseline([0, 1, 2], [0, 0, 1], 2, { penalty: 1e-9 });
    expect([...line.predict([1.32, 1.34])]).toEqual([0, 1]);
  });

  it("leaves out rows without a label", () => {
    const { features, labels } = clouds(30, 4);
    const spoiled = Float64Array.from([...features, 100, -100, 100, -100]);
    const kept = linearBaseline(spoiled, [...labels, -1], 3).predict(features);
    expect(kept).toEqual(linearBaseline(features, labels, 3).predict(features));
  });

  it("refuses what does not fit", () => {
    expect(() => linearBaseline([1, 2, 3], [0, 1], 2)).toThrow("needs features of shape [N, D] for N labels");
    expect(() => linearBaseline([1, 2], [0, 5], 2)).toThrow("needs labels below 2, got 5");
    expect(() => linearBaseline([1, 2], [-1, -1], 2)).toThrow("needs at least one label, got none");
    expect(() => linearBaseline([1, 2], [0, 1], 2, { penalty: 0 })).toThrow("needs a penalty above 0, got 0");
    const fitted = linearBaseline([1, 2, 3, 4], [0, 1], 2);
    expect(() => fitted.predict([1, 2, 3])).toThrow("needs rows of 2 features, got 3 values");
  });
});
