import { dtypeError, shapeError } from "../errors.ts";
import type { Primitive } from "../primitive.ts";
import { sameShape, showShape, type Shape } from "../shape.ts";
import { threefryFill } from "../threefry.ts";

export type RandomBitsAttrs = { readonly shape: Shape };

/**
 * 32 random bits for each element, decided by the key and the element's index alone: element i is word i mod 2 of the
 * Threefry block with counter [⌊i/2⌋, 0]. So they are the same on every device and in any order. The key is an input,
 * not an attribute: a new key finds the same plan.
 */
export const randomBitsPrimitive: Primitive<RandomBitsAttrs> = {
  name: "randomBits",
  infer([key], { shape }) {
    if (key!.dtype !== "u32") throw dtypeError("randomBits", "a u32 key", key!.dtype, "make one with random.key(seed)");
    if (!sameShape(key!.shape, [2])) throw shapeError("randomBits", "a key of two words", showShape(key!.shape));
    return { shape, dtype: "u32" };
  },
  forward({ ins: [key], out }) {
    const [high, low] = key!.planes[0]!;
    threefryFill([high!, low!], out.planes[0] as Uint32Array);
  },
  // Integers of an integer key: no derivative.
  vjp: () => [null],
  samples: [
    { ins: [{ shape: [2], dtype: "u32", values: [0x13198a2e, 0x03707344] }], attrs: { shape: [7] } },
    { ins: [{ shape: [2], dtype: "u32", values: [0, 42] }], attrs: { shape: [3, 2, 4] } },
    { ins: [{ shape: [2], dtype: "u32", values: [0, 42] }], attrs: { shape: [2, 0] } },
  ],
};
