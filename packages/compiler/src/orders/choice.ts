import { sizeOf, type Attrs, type Shape } from "@steelyard/core";

// What is worth a kernel, by shapes alone.

/** More comparisons than this, and the host is quicker. */
const mostComparisons = 2 ** 22;

/** Whether an order is given kernels; otherwise the host computes it. */
export function hasOrderKernels(name: string, attrs: Attrs, ins: readonly Shape[]): boolean {
  const [x, indices] = ins as [Shape, Shape?];
  const axis = attrs["axis"] as number;
  if (name === "argSort") return sizeOf(x) * x[axis]! <= mostComparisons;
  const rows = attrs["size"] as number;
  return sizeOf(x) * rows <= mostComparisons || sizeOf(indices!) === 0;
}
