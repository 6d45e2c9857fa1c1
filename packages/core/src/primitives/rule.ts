import { invariant } from "../errors.ts";
import { moveRun } from "../interpreter/moves.ts";
import type { Forward, Primitive } from "../primitive.ts";

/**
 * The value of its first input, with a derivative rule of its own: no cotangent for that first input, and for the
 * others what the rule in the node's slot says. `stopGradient`, `customVjp`, `hook` and `checkpoint` are four rules.
 */
export const rulePrimitive: Primitive<{ readonly label: string }> = {
  name: "rule",
  infer: ([value]) => ({ shape: value!.shape, dtype: value!.dtype }),
  forward: copyFirst,
  vjp(dOut, { ins, out }) {
    const { slot } = out.node;
    invariant(slot?.kind === "rule", "a rule node carries its rule");
    return [null, ...slot.rule(dOut, ins.slice(1), out)];
  },
  samples: [],
};

/**
 * The value of its first input, not to be computed before the second is there. Recomputation in a backward pass stands
 * behind a barrier, so that it starts when its cotangent arrives and is not merged with the forward pass.
 */
export const barrierPrimitive: Primitive = {
  name: "barrier",
  infer: ([value]) => ({ shape: value!.shape, dtype: value!.dtype }),
  forward: copyFirst,
  // The identity in x, constant in what it waits for.
  vjp: (dOut) => [dOut, null],
  linearIn: [0],
  samples: [
    { ins: [{ shape: [2, 3] }, { shape: [1] }], attrs: {} },
    { ins: [{ shape: [] }, { shape: [0] }], attrs: {} },
  ],
};

function copyFirst({ ins: [x], out }: Forward): void {
  moveRun(out, 0, 1, x!, 0, 1, out.length);
}
