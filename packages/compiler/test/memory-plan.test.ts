import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planMemory, type Lifetime } from "../src/memory-plan.ts";
import { fuzz } from "./fuzz.ts";

const lifetime: fc.Arbitrary<Lifetime> = fc
  .record({ elements: fc.nat(200), first: fc.nat(20), length: fc.nat(8) })
  .map(({ elements, first, length }) => ({ elements, first, last: first + length }));

const rounded = (elements: number): number => Math.ceil(elements / 16) * 16;

/** Elements in use at a moment: no plan can do with fewer at its busiest one. */
function inUse(lifetimes: readonly Lifetime[], at: number): number {
  const live = lifetimes.filter(({ first, last }) => first <= at && at <= last);
  return live.reduce((total, { elements }) => total + rounded(elements), 0);
}

describe("planning memory", () => {
  test("what is in use at one time does not overlap, starts at cache lines, and lies inside", () => {
    fc.assert(
      fc.property(fc.array(lifetime, { maxLength: 40 }), (lifetimes) => {
        const { offsets, size } = planMemory(lifetimes);
        lifetimes.forEach((a, i) => {
          expect(offsets[i]! % 16).toBe(0);
          expect(offsets[i]! + a.elements).toBeLessThanOrEqual(size);
          for (const [j, b] of lifetimes.entries()) {
            const meet = j !== i && a.first <= b.last && b.first <= a.last;
            if (!meet || offsets[j]! < offsets[i]!) continue;
            // Of two that start together one is empty.
            const isApart = offsets[i]! + a.elements <= offsets[j]! || offsets[j]! + b.elements <= offsets[i]!;
            expect(isApart).toBe(true);
          }
        });
      }),
      fuzz(200),
    );
  });

  test("takes at least what is in use at the busiest moment, and at most all together", () => {
    fc.assert(
      fc.property(fc.array(lifetime, { maxLength: 40 }), (lifetimes) => {
        const { size } = planMemory(lifetimes);
        const busiest = Math.max(0, ...lifetimes.map(({ first }) => inUse(lifetimes, first)));
        expect(size).toBeGreaterThanOrEqual(busiest);
        expect(size).toBeLessThanOrEqual(lifetimes.reduce((total, { elements }) => total + rounded(elements), 0));
      }),
      fuzz(200),
    );
  });

  test("a chain of values takes turns in two places", () => {
    const chain = Array.from({ length: 50 }, (_, i) => ({ elements: 64, first: i, last: i + 1 }));
    expect(planMemory(chain).size).toBe(128);
  });
});
