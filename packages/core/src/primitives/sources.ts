import type { DType } from "../dtype.ts";
import type { Forward, Primitive, Spec } from "../primitive.ts";
import type { Shape } from "../shape.ts";
import { invariant } from "../errors.ts";

/** A source says what it is itself: nothing flows in. */
export type SourceAttrs = { readonly shape: Shape; readonly dtype: DType };

const infer = (_: readonly Spec[], { shape, dtype }: SourceAttrs): Spec => ({ shape, dtype });
const bound = (name: string) => (): void => invariant(false, `${name} is bound, not computed`);

/** Host data. Its values are a runtime slot. */
export const constantPrimitive: Primitive<SourceAttrs> = {
  name: "constant",
  infer,
  forward: bound("a constant"),
  vjp: () => [],
  samples: [],
};

/** One version of a Variable. */
export const parameterPrimitive: Primitive<SourceAttrs> = {
  name: "parameter",
  infer,
  forward: bound("a parameter"),
  vjp: () => [],
  samples: [],
};

/** Every element one number, given at run time. */
export const fillPrimitive: Primitive<SourceAttrs> = {
  name: "fill",
  infer,
  forward: bound("a fill"),
  vjp: () => [],
  samples: [],
};

/** 0, 1, 2 … along one axis, constant along the others. */
export const iotaPrimitive: Primitive<SourceAttrs & { readonly axis: number }> = {
  name: "iota",
  infer,
  forward({ out, attrs: { shape, axis } }: Forward<SourceAttrs & { readonly axis: number }>): void {
    const inner = shape.slice(axis + 1).reduce((p, s) => p * s, 1);
    const values = out.planes[0]!;
    for (let i = 0; i < values.length; i++) values[i] = Math.floor(i / inner) % shape[axis]!;
  },
  vjp: () => [],
  samples: [
    { ins: [], attrs: { shape: [5], dtype: "i32", axis: 0 } },
    { ins: [], attrs: { shape: [2, 3, 2], dtype: "f32", axis: 1 } },
  ],
};
