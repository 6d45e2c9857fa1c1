import { isCounted } from "./choice.ts";
import { argSortByNetwork } from "./network.ts";
import { argSortByRanks } from "./ranks.ts";
import type { Stored, Work } from "./terms.ts";

/** The indices that sort each line along the axis. */
export function argSort(work: Work, x: Stored, axis: number, descending: boolean, out: Stored): void {
  const sort = isCounted(x.view.shape, axis) ? argSortByRanks : argSortByNetwork;
  sort(work, x, axis, descending, out);
}
