import { invariant, sizeOf, type DType } from "@steelyard/core";
import type { Lowerable, Lowered } from "../lowered.ts";
import type { View } from "../view.ts";
import { poolGather, poolScatter } from "./choices.ts";
import { windowSpread, windowSum } from "./sums.ts";
import type { Window } from "./window.ts";
import { windowAxes, type WindowAttrs } from "./window-axis.ts";

const between = ({ shape }: View): readonly number[] => shape.slice(1, -1);

/**
 * A windowSum, windowSpread, poolGather or poolScatter as kernels. The operands are read in place, whatever their steps;
 * nothing has to stand around them, as padding is guarded.
 */
export function lowerWindow(
  { primitive, attrs, dtype, inputs }: Pick<Lowerable, "primitive" | "attrs" | "dtype" | "inputs">,
  ins: readonly View[],
  dtypes: readonly DType[],
  out: View,
): Lowered {
  if (sizeOf(out.shape) === 0) return { steps: [], scratch: [] };
  const { name } = primitive!;
  const { window, ...rest } = attrs as unknown as WindowAttrs & { readonly window: readonly number[] };
  const operands = ins.map((view, i) => ({ view, dtype: dtypes[i]! }));
  const over = (x: View, y: View): Window => ({ name, axes: windowAxes(between(x), window, between(y), rest) });
  const [first, second] = operands;
  const to = { view: out, dtype };
  switch (name) {
    case "windowSum":
      return windowSum(over(first!.view, out), first!, to);
    case "windowSpread":
      return windowSpread(over(out, first!.view), first!, to);
    case "poolGather":
      return poolGather(over(first!.view, out), first!, inputs[0] === inputs[1] ? null : second!, to);
    default:
      invariant(name === "poolScatter", `${name} is no window`);
      return poolScatter(over(out, second!.view), first!, second!, to);
  }
}
