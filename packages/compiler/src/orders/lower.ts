import { invariant, sizeOf } from "@steelyard/core";
import type { Lowerable, Lowered } from "../lowered.ts";
import { scatterWay } from "./choice.ts";
import { cumsum } from "./running-sums.ts";
import { scatterAddByRows, type Scatter } from "./scatter-add.ts";
import { scatterAddBySegments } from "./segments.ts";
import { argSort } from "./sorting.ts";
import type { Stored, Work } from "./terms.ts";

/**
 * An argSort, cumsum or scatterAdd as kernels. The operands are read in place, whatever their steps. Which kernels they are
 * is decided by shapes alone, so that sums are always taken in the same order.
 */
export function lowerOrder(
  { primitive, attrs }: Pick<Lowerable, "primitive" | "attrs">,
  ins: readonly Stored[],
  out: Stored,
  hostStalls: boolean = false,
): Lowered {
  const work: Work = { steps: [], scratch: [] };
  if (sizeOf(out.view.shape) === 0) return work;
  const { name } = primitive!;
  const axis = attrs["axis"] as number;
  const [first, second] = ins;
  switch (name) {
    case "argSort":
      argSort(work, first!, axis, attrs["descending"] === true, out);
      break;
    case "cumsum": {
      const { exclusive, reverse } = attrs as unknown as { readonly exclusive: boolean; readonly reverse: boolean };
      cumsum(work, first!, axis, { exclusive, reverse }, out);
      break;
    }
    default:
      invariant(name === "scatterAdd", `${name} is no order`);
      scatterAdd(work, { updates: first!, indices: second!, axis, out }, hostStalls);
  }
  return work;
}

function scatterAdd(work: Work, scatter: Scatter, hostStalls: boolean): void {
  const { updates, indices, axis, out } = scatter;
  const shapes = { updates: updates.view.shape, indices: indices.view.shape, axis, rows: out.view.shape[axis]! };
  const add = scatterWay(shapes, hostStalls) === "rows" ? scatterAddByRows : scatterAddBySegments;
  add(work, scatter);
}
