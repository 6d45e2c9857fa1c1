import type { DType } from "../dtype.ts";
import { invariant } from "../errors.ts";
import { around } from "../interpreter/strided.ts";
import type { Primitive, Spec } from "../primitive.ts";
import type { Shape } from "../shape.ts";

/** A source says what it is itself: nothing flows in. */
export type SourceAttrs = { readonly shape: Shape; readonly dtype: DType };

const infer = (_: readonly Spec[], { shape, dtype }: SourceAttrs): Spec => ({ shape, dtype });

/** A source whose value is bound when the program runs: nothing computes it. */
function boundSource(name: string): Primitive<SourceAttrs> {
  const forward = (): void => invariant(false, `a ${name} is bound, not computed`);
  return { name, infer, forward, vjp: () => [], samples: [] };
}

/** Host data. Its values are a runtime slot. */
export const constantPrimitive: Primitive<SourceAttrs> = boundSource("constant");

/** One version of a Variable. */
export const parameterPrimitive: Primitive<SourceAttrs> = boundSource("parameter");

/** Every element one number, given at run time. */
export const fillPrimitive: Primitive<SourceAttrs> = boundSource("fill");

/** 0, 1, 2 … along one axis, constant along the others. */
export const iotaPrimitive: Primitive<SourceAttrs & { readonly axis: number }> = {
  name: "iota",
  infer,
  forward({ out, attrs: { shape, axis } }) {
    const { inner } = around(shape, axis);
    const values = out.planes[0]!;
    for (let i = 0; i < values.length; i++) values[i] = Math.floor(i / inner) % shape[axis]!;
  },
  vjp: () => [],
  samples: [
    { ins: [], attrs: { shape: [5], dtype: "i32", axis: 0 } },
    { ins: [], attrs: { shape: [2, 3, 2], dtype: "f32", axis: 1 } },
  ],
};
