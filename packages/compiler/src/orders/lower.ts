import { invariant, sizeOf, type Attrs } from "@steelyard/core";
import type { Lowerable, Lowered } from "../lowered.ts";
import { isCounted } from "./choice.ts";
import { argSortByNetwork } from "./network.ts";
import { argSortByRanks } from "./ranks.ts";
import { cumsum } from "./running-sums.ts";
import { scatterAddByRows } from "./scatter-add.ts";
import type { Stored, Work } from "./terms.ts";

/**
 * An argSort, cumsum or scatterAdd as kernels. The operands are read in place, whatever their steps. Which kernels they are
 * is decided by shapes alone, so that sums are always taken in the same order.
 */
export function lowerOrder(
  { primitive, attrs }: Pick<Lowerable, "primitive" | "attrs">,
  ins: readonly Stored[],
  out: Stored,
): Lowered {
  const work: Work = { steps: [], scratch: [] };
  if (sizeOf(out.view.shape) > 0) addSteps(work, primitive!.name, attrs, ins, out);
  return work;
}

function addSteps(work: Work, name: string, attrs: Attrs, ins: readonly Stored[], out: Stored): void {
  const axis = attrs["axis"] as number;
  const [first, second] = ins;
  switch (name) {
    case "argSort":
      return argSort(work, first!, axis, attrs["descending"] === true, out);
    case "cumsum": {
      const { exclusive, reverse } = attrs as unknown as { readonly exclusive: boolean; readonly reverse: boolean };
      return cumsum(work, first!, axis, { exclusive, reverse }, out);
    }
    default:
      invariant(name === "scatterAdd", `${name} is no order`);
      return scatterAddByRows(work, first!, second!, axis, out);
  }
}

function argSort(work: Work, x: Stored, axis: number, descending: boolean, out: Stored): void {
  const sort = isCounted(x.view.shape, axis) ? argSortByRanks : argSortByNetwork;
  sort(work, x, axis, descending, out);
}
