import { sizeOf, type Attrs, type Shape } from "@steelyard/core";

// What is chosen by shapes alone.

/** Lines up to here are sorted by counting, whose comparisons are as many as those of a network. */
const alwaysCounted = 32;
/** And lines up to here where so few comparisons are made that starting the many kernels of a network takes longer. */
const counted = { elements: 256, comparisons: 2 ** 16 };

/** Whether lines are sorted by counting; if not, by a network. */
export function isCounted(shape: Shape, axis: number): boolean {
  const n = shape[axis]!;
  return n <= alwaysCounted || (n <= counted.elements && sizeOf(shape) * n <= counted.comparisons);
}

/** So few rows are asked who is added to them in the time in which the host adds. */
const fewRows = 24;
/** So few questions take no time. */
const fewQuestions = 2 ** 17;

/** Whether an order is given kernels; otherwise the host computes it. */
export function hasOrderKernels(name: string, attrs: Attrs, ins: readonly Shape[]): boolean {
  if (name !== "scatterAdd") return true;
  const rows = attrs["size"] as number;
  return rows <= fewRows || sizeOf(ins[0]!) * rows <= fewQuestions;
}
