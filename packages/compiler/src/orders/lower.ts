import { invariant, sizeOf } from "@steelyard/core";
import type { Lowerable, Lowered } from "../lowered.ts";
import { argSortByRanks } from "./ranks.ts";
import { scatterAddByRows } from "./scatter-add.ts";
import type { Stored } from "./terms.ts";

/**
 * An argSort, cumsum or scatterAdd as kernels. The operands are read in place, whatever their steps. Which kernels they are
 * is decided by shapes alone, so that sums are always taken in the same order.
 */
export function lowerOrder(
  { primitive, attrs }: Pick<Lowerable, "primitive" | "attrs">,
  ins: readonly Stored[],
  out: Stored,
): Lowered {
  if (sizeOf(out.view.shape) === 0) return { steps: [], scratch: [] };
  const { name } = primitive!;
  const axis = attrs["axis"] as number;
  const [first, second] = ins;
  switch (name) {
    case "argSort":
      return argSortByRanks(first!, axis, attrs["descending"] === true, out);
    default:
      invariant(name === "scatterAdd", `${name} is no order`);
      return scatterAddByRows(first!, second!, axis, out);
  }
}
