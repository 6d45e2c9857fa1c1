import { expect } from "vitest";
import { showKernel, windowsOf, type Kernel, type Piece, type Room } from "../src/index.ts";
import { deviceArray, simulate } from "../src/testing/simulate.ts";
import { whole } from "./placed.ts";
import type { Sized } from "./random-kernels.ts";

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

/** Holds the pieces of a kernel to leave what it leaves itself, its buffers read from these offsets on. */
export function requirePiecesEqual(
  { kernel, sizes }: Sized<Kernel>,
  room: Room,
  offsets: readonly number[] = sizes.map(() => 0),
  seed: number = 1,
): void {
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
