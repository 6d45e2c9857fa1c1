import { interpreter, random, type Tensor } from "@steelyard/core";
import { evaluate } from "@steelyard/core/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { simulatedDevice } from "../testing/simulated-device.ts";

const views: Readonly<Record<string, (bits: Tensor) => Tensor>> = {
  none: (bits) => bits.shiftRight(0),
  transposed: (bits) => bits.transpose(),
  flipped: (bits) => bits.flip(0),
  "from the second row on": (bits) => bits.slice([1, 0], [bits.shape[0]! - 1, bits.shape[1]!]),
  "in a row": (bits) => bits.reshape([-1]),
};

test.each(Object.entries(views))("random bits made by kernels are core's, bit for bit: view %s", async (_, view) => {
  const shape = fc.tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 7 }));
  await fc.assert(
    fc.asyncProperty(shape, fc.nat(), async (sizes, seed) => {
      const build = (): Tensor[] => [view(random.bits(random.key(seed), sizes))];
      const [expected] = await evaluate(interpreter(), build());
      const [given] = await evaluate(simulatedDevice({ columns: 8, panels: true }), build());
      expect(given).toEqual(expected);
    }),
    fuzz(10),
  );
});
