import fc from "fast-check";
import { expect, test } from "vitest";
import { alignment, Allocator } from "./allocator.ts";

const unit = alignment;

test("the best fit is taken, and of equal fits the lowest", () => {
  const blocks = new Allocator(0, 100 * unit);
  const at = [4, 1, 2, 1, 2, 1, 89].map((units) => blocks.allocate(units * unit, "test")!);
  for (const i of [0, 2, 4]) blocks.free(at[i]!);
  expect(blocks.freeSizes()).toEqual([2 * unit, 2 * unit, 4 * unit]);
  expect(blocks.allocate(2 * unit, "test")).toBe(at[2]);
  expect(blocks.allocate(unit, "test")).toBe(at[4]);
  expect(blocks.allocate(3 * unit, "test")).toBe(at[0]);
  expect(blocks.allocate(3 * unit, "test")).toBeNull();
});

test("a free block between free neighbours becomes one with both", () => {
  const blocks = new Allocator(0, 3 * unit);
  const [a, b, c] = [1, 2, 3].map(() => blocks.allocate(unit, "test")!);
  blocks.free(a!);
  blocks.free(c!);
  expect(blocks.freeSizes()).toEqual([unit, unit]);
  blocks.free(b!);
  expect(blocks.freeSizes()).toEqual([3 * unit]);
});

test("an extension lengthens the last block when it is free", () => {
  const blocks = new Allocator(0, 4 * unit);
  const first = blocks.allocate(3 * unit, "test")!;
  expect(blocks.tail).toBe(unit);
  blocks.extend(2 * unit);
  expect(blocks.freeSizes()).toEqual([3 * unit]);
  expect(blocks.allocate(3 * unit, "test")).toBe(3 * unit);
  expect(blocks.tail).toBe(0);
  blocks.extend(unit);
  expect(blocks.freeSizes()).toEqual([unit]);
  blocks.free(first);
  expect(blocks.freeSizes()).toEqual([unit, 3 * unit]);
});

test("freeing what is not in use is a broken promise", () => {
  const blocks = new Allocator(0, 4 * unit);
  const block = blocks.allocate(unit, "test")!;
  expect(() => blocks.free(block + 8)).toThrow(/no block in use/u);
  blocks.free(block);
  expect(() => blocks.free(block)).toThrow(/no block in use/u);
});

test("the same round of allocations finds the same places again, whatever is freed in between in whatever order", () => {
  const round = fc.array(fc.record({ units: fc.integer({ min: 1, max: 9 }), lives: fc.nat(6) }), { maxLength: 40 });
  fc.assert(
    fc.property(round, (requests) => {
      const blocks = new Allocator(0, 1000 * unit);
      blocks.allocate(7 * unit, "a parameter");
      const play = (): number[] => {
        const due = new Map<number, number[]>();
        const at = requests.map(({ units, lives }, i) => {
          for (const address of due.get(i) ?? []) blocks.free(address);
          due.delete(i);
          const address = blocks.allocate(units * unit, "test")!;
          due.set(i + 1 + lives, [...(due.get(i + 1 + lives) ?? []), address]);
          return address;
        });
        for (const address of [...due.values()].flat()) blocks.free(address);
        return at;
      };
      const first = play();
      expect(blocks.freeSizes()).toEqual([993 * unit]);
      expect(play()).toEqual(first);
    }),
    { numRuns: 60 },
  );
});
