import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { showKernel, windowsOf, type Kernel, type Piece, type Room } from "../src/index.ts";
import { deviceArray, simulate } from "../src/testing/simulate.ts";
import { fuzz } from "./fuzz.ts";
import { whole } from "./placed.ts";
import { randomContraction, randomLoop, type Sized } from "./random-kernels.ts";

type Data = ReturnType<typeof deviceArray>;

const numbers = [2];

/** Runs a piece on nothing but its windows. */
function runPiece({ kernel, buffers, windows }: Piece, held: readonly Data[], room: Room): void {
  expect(buffers.length).toBeLessThanOrEqual(room.buffers);
  const stored =
    kernel.kind === "loop" ? new Set(kernel.stores.map(({ buffer }) => buffer)) : new Set([buffers.length - 1]);
  buffers.forEach((buffer, position) => {
    const { from, to } = windows[position]!;
    expect(from % 64).toBe(0);
    expect(to - from).toBeLessThanOrEqual(room.elements);
    expect(to - from).toBeGreaterThan(0);
    expect(to).toBeLessThanOrEqual(held[buffer]!.length);
    expect(held[buffer]!.constructor).toBe(deviceArray(kernel.buffers[position]!, 0).constructor);
    // What is stored into is bound once: WebGPU allows no other binding of it beside.
    if (stored.has(position)) expect(buffers.filter((other) => other === buffer)).toHaveLength(1);
  });
  const bound = buffers.map((buffer, i) => held[buffer]!.subarray(windows[i]!.from, windows[i]!.to));
  simulate(kernel, bound, kernel.numbers.length > 0 ? numbers : []);
}

/** A kernel and its pieces leave the same, offsets or not. */
function requireEqual({ kernel, sizes }: Sized<Kernel>, room: Room, offsets: readonly number[], seed: number): void {
  const data = (): Data[] =>
    sizes.map((size, i) => {
      const values = whole(size + offsets[i]!, seed + i, 3);
      // Places to look up, beyond both ends too.
      return deviceArray(kernel.buffers[i]!, kernel.buffers[i] === "i32" ? values.map((x) => x * 20 + i) : values);
    });
  const [expected, computed] = [data(), data()];
  simulate(kernel, expected, kernel.numbers.length > 0 ? numbers : [], {}, offsets);
  const { pieces, scratch } = windowsOf(
    kernel,
    computed.map(({ length }) => length),
    room,
    offsets,
  );
  const held = [...computed, ...scratch.map(({ elements, dtype }) => deviceArray(dtype, elements).fill(NaN))];
  for (const piece of pieces) runPiece(piece, held, room);
  expect(computed, showKernel(kernel)).toEqual(expected);
}

const rooms = fc.record({
  elements: fc.oneof(fc.integer({ min: 128, max: 400 }), fc.constantFrom(128, 192, 256)),
  buffers: fc.integer({ min: 4, max: 8 }),
});

describe("the pieces of a kernel touch aligned windows, few of them, and leave what the kernel leaves:", () => {
  test.each<[string, (draw: fc.GeneratorValue) => Sized<Kernel>]>([
    ["of any loop", randomLoop],
    ["of any contraction", randomContraction],
  ])("%s", (_, random) => {
    fc.assert(
      fc.property(fc.gen(), rooms, fc.nat(99), (draw, room, seed) => {
        const sized = random(draw);
        const offsets = sized.sizes.map(() => (draw(fc.boolean) ? draw(fc.nat, { max: 130 }) : 0));
        requireEqual(sized, room, offsets, seed);
      }),
      fuzz(150),
    );
  });
});
