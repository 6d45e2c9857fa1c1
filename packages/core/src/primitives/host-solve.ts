import { invariant, SteelyardError } from "../errors.ts";
import type { Attrs, Primitive } from "../primitive.ts";

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

/**
 * The results of a host solve end to end, held to the sizes it promised; for devices.
 *
 * @throws ShapeError when there are more or fewer numbers than promised
 */
export function solvedValues(attrs: Attrs, parts: readonly ArrayLike<number>[]): number[] {
  const sizes = attrs["sizes"] as readonly number[];
  const got = parts.map((part) => part.length);
  if (got.length === sizes.length && got.every((size, i) => size === sizes[i]))
    return parts.flatMap((part) => Array.from(part));
  throw new SteelyardError({
    code: "ShapeError",
    who: "hostSolve",
    needs: `results of ${sizes.join(", ")} numbers, as its shapes say`,
    got: got.join(", "),
  });
}
