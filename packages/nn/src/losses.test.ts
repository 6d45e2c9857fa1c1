import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradients, tensor, type Tensor } from "@steelyard/core";
import { accuracy, crossEntropy, labels } from "./index.ts";
import { fuzz } from "../test/fuzz.ts";

/** −log softmax(row)[label], in f64 and by the textbook. */
function surprise(row: readonly number[], label: number): number {
  const largest = Math.max(...row);
  return largest + Math.log(row.reduce((sum, x) => sum + Math.exp(x - largest), 0)) - row[label]!;
}

async function lossAndGradient(loss: Tensor, logits: Tensor): Promise<[number, number[]]> {
  const [d] = gradients(loss, [logits]);
  const [value, slope] = await Promise.all([loss.item(), d!.data()]);
  return [value, [...slope]];
}

const none = tensor([0, 0], { dtype: "bool" });

describe("crossEntropy", () => {
  it("is ln C for logits that say nothing, and its gradient (softmax − one-hot)/N", async () => {
    const logits = tensor([
      [1, 1, 1, 1],
      [2, 2, 2, 2],
    ]);
    const [value, slope] = await lossAndGradient(crossEntropy(logits, labels([0, 3], 4)), logits);
    expect(value).toBeCloseTo(Math.log(4), 6);
    const expected = [-0.75, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, -0.75].map((x) => x / 2);
    slope.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 6));
  });

  it("agrees with f64 for logits of any size, masked or not", async () => {
    const row = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 3, maxLength: 3 });
    const sample = fc.record({ row, label: fc.nat(2), counts: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 6 }), async (samples) => {
        const [logits, y] = [
          tensor(samples.map((s) => s.row)),
          labels(
            samples.map((s) => s.label),
            3,
          ),
        ];
        const mask = tensor(
          samples.map((s) => Number(s.counts)),
          { dtype: "bool" },
        );
        const counted = samples.filter((s) => s.counts);
        const mean = (of: typeof samples): number =>
          of.reduce((sum, s) => sum + surprise(s.row, s.label), 0) / Math.max(of.length, 1);
        const [all, masked] = [crossEntropy(logits, y), crossEntropy(logits, y, { mask })];
        const values = await Promise.all([all.item(), masked.item()]);
        // Terms up to 2000 in f32, whose spacing there is 1.2e-4.
        expect(Math.abs(values[0] - mean(samples))).toBeLessThan(1e-3);
        expect(Math.abs(values[1] - mean(counted))).toBeLessThan(1e-3);
      }),
      fuzz(50),
    );
  });

  it("is 0 with gradient 0 when everything is masked, whatever the masked samples hold", async () => {
    const logits = tensor([
      [NaN, 1],
      [Infinity, -Infinity],
    ]);
    const loss = crossEntropy(logits, tensor([-1, 99], { dtype: "i32" }), { mask: none });
    expect(await lossAndGradient(loss, logits)).toEqual([0, [0, 0, 0, 0]]);
  });

  it("weighs samples by an f32 mask", async () => {
    const logits = tensor([
      [0, Math.log(3)],
      [0, 0],
    ]);
    const loss = crossEntropy(logits, labels([0, 1], 2), { mask: tensor([3, 1]) });
    // −ln ¼ and −ln ½, three to one.
    expect(await loss.item()).toBeCloseTo((3 * Math.log(4) + Math.log(2)) / 4, 6);
  });

  it("takes a class out of the running with a logit of −∞", async () => {
    const logits = tensor([[0, -Infinity, 0]]);
    const [value, slope] = await lossAndGradient(crossEntropy(logits, labels([0], 3)), logits);
    expect(value).toBeCloseTo(Math.log(2), 6);
    expect(slope).toEqual([-0.5, 0, 0.5]);
  });

  it("smooths labels: (1 − ε) of the label's term and ε of the mean over all classes", async () => {
    const row = [1, 2, 4];
    const loss = crossEntropy(tensor([row]), labels([1], 3), { labelSmoothing: 0.3 });
    const mean = row.reduce((sum, _, c) => sum + surprise(row, c), 0) / 3;
    expect(await loss.item()).toBeCloseTo(0.7 * surprise(row, 1) + 0.3 * mean, 5);
  });

  it("is NaN for a label that is no class, instead of quietly skipping the sample", async () => {
    const loss = crossEntropy(
      tensor([
        [1, 2],
        [1, 2],
      ]),
      tensor([0, 2], { dtype: "i32" }),
    );
    expect(await loss.item()).toBeNaN();
  });

  it("says which shapes it needs", () => {
    expect(() => crossEntropy(tensor([[1, 2]]), tensor([0, 1], { dtype: "i32" }))).toThrow(
      "crossEntropy: needs logits [N, C], labels [N] and, if any, a mask [N], got [1, 2], [2]",
    );
    expect(() => crossEntropy(tensor([[1, 2]]), labels([0], 2), { labelSmoothing: 1 })).toThrow(
      "labelSmoothing in [0, 1)",
    );
  });
});

describe("accuracy", () => {
  const logits = tensor([
    [2, 1],
    [0, 1],
    [5, 5],
  ]);

  it("is the share of hits; the first of equal logits counts", async () => {
    expect(await accuracy(logits, labels([0, 0, 0], 2)).item()).toBeCloseTo(2 / 3, 6);
  });

  it("looks at what the mask leaves", async () => {
    const y = labels([0, 0, 1], 2);
    expect(await accuracy(logits, y, tensor([1, 0, 0], { dtype: "bool" })).item()).toBe(1);
    expect(await accuracy(logits, y, tensor([0, 0, 0])).item()).toBe(0);
  });
});

describe("labels", () => {
  it("are checked on the host, by place", () => {
    expect(labels(Int32Array.of(0, 6), 7).dtype).toBe("i32");
    expect(() => labels([0, 7], 7)).toThrowErrorMatchingInlineSnapshot(`
      [DataError: labels: needs whole numbers in 0 … 6, got 7 at index 1
        hint: give samples without a label any class and mask them: crossEntropy(logits, labels, { mask })]
    `);
    expect(() => labels([-1], 7)).toThrow("-1 at index 0");
    expect(() => labels([0.5], 7)).toThrow("0.5 at index 0");
  });
});
