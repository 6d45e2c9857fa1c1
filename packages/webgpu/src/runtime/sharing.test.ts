import type { Plan } from "@steelyard/compiler";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shareMemory } from "./sharing.ts";

const kernel = { kind: "loop", name: "", space: [], reduced: [], accumulators: [], stores: [], buffers: [], numbers: [] } as const; // prettier-ignore

/** A plan of kernels that touch these buffers, all of them intermediate values of so many elements. */
function planOver(sizes: readonly number[], commands: readonly (readonly number[])[]): Plan {
  return {
    buffers: sizes.map((elements) => ({ elements, dtype: "f32", place: { kind: "arena", offset: 0 } })),
    commands: commands.map((buffers) => ({ kind: "kernel", kernel, buffers, numbers: [] })),
    outputs: [],
    arena: 0,
  };
}

describe("memory of intermediate values", () => {
  test("goes from one to the next along a chain, where two are in use at a time", () => {
    const { bytes, pieceOf } = shareMemory(planOver([100, 100, 100, 100], [[0, 1], [1, 2], [2, 3]])); // prettier-ignore
    expect(bytes).toEqual([400, 400]);
    expect(pieceOf).toEqual([0, 1, 0, 1]);
  });

  test("is the smallest that is free all the time a value needs it", () => {
    const { bytes, pieceOf } = shareMemory(planOver([1000, 10, 10], [[0], [1], [2]]));
    expect(bytes).toEqual([4000]);
    expect(pieceOf).toEqual([0, 0, 0]);
    // Both are in use at first; then a small one finds the small piece.
    const two = shareMemory(planOver([1000, 10, 10], [[0, 1], [2]]));
    expect(two.bytes).toEqual([4000, 40]);
    expect(two.pieceOf).toEqual([0, 1, 1]);
  });

  test("is none for what is bound by the caller, is an output, or is never touched", () => {
    const plan: Plan = {
      ...planOver([1, 2, 3, 4], [[0, 1, 3]]),
      buffers: [
        { elements: 1, dtype: "f32", place: { kind: "slot", slot: 0 } },
        { elements: 2, dtype: "f32", place: { kind: "output", output: 0 } },
        { elements: 3, dtype: "f32", place: { kind: "arena", offset: 0 } },
        { elements: 4, dtype: "f64", place: { kind: "arena", offset: 0 } },
      ],
    };
    expect(shareMemory(plan)).toEqual({ bytes: [32], pieceOf: [null, null, null, 0] });
  });

  test("is large enough, and nobody else's at the same time, in any plan", () => {
    const plans = fc
      .array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 12 })
      .chain((sizes) =>
        fc.tuple(
          fc.constant(sizes),
          fc.array(fc.uniqueArray(fc.nat(sizes.length - 1), { maxLength: 4 }), { maxLength: 12 }),
        ),
      );
    fc.assert(
      fc.property(plans, ([sizes, commands]) => {
        const { bytes, pieceOf } = shareMemory(planOver(sizes, commands));
        const during = sizes.map((_, i) => {
          const touched = commands.flatMap((buffers, at) => (buffers.includes(i) ? [at] : []));
          return { first: touched[0], last: touched.at(-1) };
        });
        sizes.forEach((elements, i) => {
          const piece = pieceOf[i]!;
          expect(piece === null).toBe(during[i]!.first === undefined);
          if (piece === null) return;
          expect(bytes[piece]!).toBeGreaterThanOrEqual(4 * elements);
          for (let j = 0; j < i; j++)
            if (pieceOf[j] === piece)
              expect(during[i]!.first! > during[j]!.last! || during[i]!.last! < during[j]!.first!).toBe(true);
        });
      }),
    );
  });
});
