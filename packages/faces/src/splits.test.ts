import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { indicesWhere, leaveOneOut, subjectFolds } from "./splits.ts";

const labels = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 20, maxLength: 60 })
  .map((list) => Int32Array.from(list));

const seen = (indices: Int32Array, of: Int32Array): Set<number> => new Set(Array.from(indices, (i) => of[i] ?? -1));

describe("subjectFolds", () => {
  it("never has a person on both sides, and tests every sample exactly once", () => {
    fc.assert(
      fc.property(labels, fc.integer({ min: 2, max: 5 }), (identity, folds) => {
        fc.pre(new Set(identity).size >= folds);
        const splits = subjectFolds(identity, folds);
        for (const { train, test } of splits) {
          expect(seen(train, identity).isDisjointFrom(seen(test, identity))).toBe(true);
          expect(train.length + test.length).toBe(identity.length);
        }
        const tested = splits.flatMap(({ test }) => [...test]).toSorted((a, b) => a - b);
        expect(tested).toEqual([...identity.keys()]);
      }),
    );
  });

  it("deals people out by their sorted labels, whatever the order of the samples", () => {
    const inOrder = subjectFolds(Int32Array.of(0, 1, 2, 3), 2)[0];
    expect([...(inOrder?.test ?? [])]).toEqual([0, 2]);
    const reversed = subjectFolds(Int32Array.of(3, 2, 1, 0), 2)[0];
    expect([...(reversed?.test ?? [])]).toEqual([1, 3]);
  });

  it("refuses one fold, and more folds than people", () => {
    expect(() => subjectFolds(Int32Array.of(0, 1), 1)).toThrow("whole number of at least 2, got 1");
    expect(() => subjectFolds(Int32Array.of(0, 1), 3)).toThrow("at most one fold for each of 2 people, got 3 folds");
  });
});

describe("leaveOneOut", () => {
  it("tests each class once and trains on all others", () => {
    const splits = leaveOneOut(Int32Array.of(0, 1, 2, 1), ["straight", "left", "up"]);
    expect(splits.map(({ name, train, test }) => [name, [...train], [...test]])).toEqual([
      ["without straight", [1, 2, 3], [0]],
      ["without left", [0, 2], [1, 3]],
      ["without up", [0, 1, 3], [2]],
    ]);
  });

  it("refuses a label without a name", () => {
    expect(() => leaveOneOut(Int32Array.of(0, 1, 2), ["a", "b"])).toThrow("leaveOneOut: needs labels below 2, got 2");
    expect(() => leaveOneOut(Int32Array.of(0, 1, -1), ["a", "b"])).toThrow("got -1");
  });

  it("refuses a class without samples", () => {
    expect(() => leaveOneOut(Int32Array.of(0, 0), ["a", "b"])).toThrow(
      'split "without a": needs samples on both sides',
    );
  });
});

describe("indicesWhere", () => {
  it("gives ascending positions", () => {
    expect([...indicesWhere(Int32Array.of(5, 1, 5), (label) => label === 5)]).toEqual([0, 2]);
  });
});
