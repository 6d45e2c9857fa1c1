import fc from "fast-check";
import { describe, test } from "vitest";
import type { Kernel } from "../src/index.ts";
import { fuzz } from "./fuzz.ts";
import { randomContraction, randomLoop, type Sized } from "./random-kernels.ts";
import { requirePiecesEqual } from "./run-pieces.ts";

const rooms = fc.record({
  elements: fc.oneof(fc.integer({ min: 128, max: 400 }), fc.constantFrom(128, 192, 256, Infinity)),
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
        requirePiecesEqual(sized, room, offsets, seed);
      }),
      fuzz(150),
    );
  });
});
