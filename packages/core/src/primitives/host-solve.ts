import { invariant } from "../errors.ts";
import type { Primitive } from "../primitive.ts";

export type HostSolveAttrs = { readonly sizes: readonly number[]; readonly dtype: "f32" | "f64" };

/**
 * The results of a host function, end to end in one vector. A constant for autograd: what the host did is not in the
 * graph.
 */
export const hostSolvePrimitive: Primitive<HostSolveAttrs> = {
  name: "hostSolve",
  infer: (_, { sizes, dtype }) => ({ shape: [sizes.reduce((sum, size) => sum + size, 0)], dtype }),
  forward: () => invariant(false, "a host solve is run by its device"),
  // A constant, as said above.
  vjp: (_, { ins }) => ins.map(() => null),
  samples: [],
};
