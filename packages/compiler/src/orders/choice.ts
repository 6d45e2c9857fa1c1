import { sizeOf, type Attrs, type Shape } from "@steelyard/core";

// What is chosen by shapes, and by whether the host stalls the device. Measured on the CPU device with one thread, and on
// software adapters.

/** Lines up to here are sorted by counting, whose comparisons are as many as those of a network. */
const alwaysCounted = 32;
/** And lines up to here where so few comparisons are made that starting the many kernels of a network takes longer. */
const counted = { elements: 256, comparisons: 2 ** 16 };

/** Whether lines are sorted by counting; if not, by a network. */
export function isCounted(shape: Shape, axis: number): boolean {
  const n = shape[axis]!;
  return n <= alwaysCounted || (n <= counted.elements && sizeOf(shape) * n <= counted.comparisons);
}

/** How a scatterAdd is computed: every row asks who is added to it, updates are sorted by row, or the host adds. */
type ScatterWay = "rows" | "segments" | "host";

/** What decides about a scatterAdd: the updates, and how many axes of them are those of the indices. */
interface ScatterShape {
  readonly updates: Shape;
  readonly indices: Shape;
  readonly axis: number;
  readonly rows: number;
}

/** So few questions take no time: here, and on a device that has many asked at once and would wait for the host. */
const fewQuestions = { usually: 2 ** 17, hostStalls: 2 ** 22 };

/**
 * While the host adds an element, some 24 rows are asked for it; and to start adding an update takes it as long as 120
 * elements. Where there are more rows than updates, most of its time goes to rows that stay zero, which kernels of
 * segments fill more quickly as long as there are enough columns.
 */
export function scatterWay({ updates, indices, axis, rows }: ScatterShape, hostStalls: boolean): ScatterWay {
  const columns = sizeOf(updates.slice(axis + indices.length));
  const questions = sizeOf(updates) * rows;
  if (questions <= (hostStalls ? fewQuestions.hostStalls : fewQuestions.usually)) return "rows";
  if (rows <= 24 + 120 / columns) return "rows";
  return hostStalls || (columns >= 32 && rows >= sizeOf(indices)) ? "segments" : "host";
}

/** Whether an order is given kernels; otherwise the host computes it. */
export function hasOrderKernels(name: string, attrs: Attrs, ins: readonly Shape[], hostStalls: boolean): boolean {
  if (name !== "scatterAdd") return true;
  const [updates, indices] = ins as [Shape, Shape];
  const { axis, size: rows } = attrs as unknown as { readonly axis: number; readonly size: number };
  return scatterWay({ updates, indices, axis, rows }, hostStalls) !== "host";
}
