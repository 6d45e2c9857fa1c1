import { dtypeError, shapeError } from "../errors.ts";
import { moveWalk } from "../interpreter/strided.ts";
import { split } from "../ops/views.ts";
import type { Primitive } from "../primitive.ts";
import { showShape, stridesOf } from "../shape.ts";

export type ConcatAttrs = { readonly axis: number };

/** The inputs one after another along an axis. */
export const concatPrimitive: Primitive<ConcatAttrs> = {
  name: "concat",
  infer(ins, { axis }) {
    const first = ins[0]!;
    for (const { shape, dtype } of ins) {
      if (dtype !== first.dtype)
        throw dtypeError("concat", "one dtype", `${first.dtype} and ${dtype}`, "cast one of them");
      if (shape.length !== first.shape.length || shape.some((size, i) => i !== axis && size !== first.shape[i])) {
        const got = `${showShape(first.shape)} and ${showShape(shape)}`;
        throw shapeError("concat", `shapes that are equal outside axis ${axis}`, got);
      }
    }
    const total = ins.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return { shape: first.shape.with(axis, total), dtype: first.dtype };
  },
  forward({ ins, out, inSpecs, outSpec, attrs: { axis } }) {
    const steps = stridesOf(outSpec.shape);
    let start = 0;
    inSpecs.forEach(({ shape }, i) => {
      moveWalk(shape, out, { start, steps }, ins[i]!, { start: 0, steps: stridesOf(shape) });
      start += shape[axis]! * steps[axis]!;
    });
  },
  // ⟨dy, [δa, δb, …]⟩ = ⟨dy's first part, δa⟩ + ⟨dy's second part, δb⟩ + …
  //   ⇒  each input's cotangent is the slice of dy where the input went
  vjp(dy, { ins, attrs: { axis } }) {
    const sizes = ins.map(({ shape }) => shape[axis]!);
    return split(dy, sizes, axis);
  },
  samples: [
    { ins: [{ shape: [2] }, { shape: [3] }, { shape: [1] }], attrs: { axis: 0 } },
    { ins: [{ shape: [2, 1, 3] }, { shape: [2, 2, 3] }, { shape: [2, 0, 3] }], attrs: { axis: 1 } },
  ],
};
