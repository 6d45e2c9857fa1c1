import type { ContractionKernel } from "@steelyard/compiler";

// How a tile of an operand is read. Along one axis lie the k of the sum, along the other m or n, here called its rows.
// A *unit* is what one load brings: one element, or four that lie side by side along either axis.

/** An operand of a contraction: A with m as its rows, or B with n. */
export interface Operand {
  readonly name: "a" | "b";
  readonly buffer: 0 | 1;
  /** Rows, and elements from one to the next. */
  readonly size: number;
  readonly step: number;
  /** Elements from one index of each axis of the sum to the next. */
  readonly sum: readonly number[];
  readonly outer: readonly number[];
  readonly start: number;
  /** What one load brings, in rows and in terms of the sum. */
  readonly unit: Unit;
}

interface Unit {
  readonly rows: 1 | 4;
  readonly depth: 1 | 4;
}

const single: Unit = { rows: 1, depth: 1 };
const alongRows: Unit = { rows: 4, depth: 1 };
const alongDepth: Unit = { rows: 1, depth: 4 };

/** A and B; `aligned` says that both begin where buffers do, so that four elements can be read at once. */
export function operandsOf(kernel: ContractionKernel, aligned: boolean): Readonly<Record<"m" | "n", Operand>> {
  const { m, n } = kernel;
  const operand = (name: "a" | "b", size: number, step: number): Operand => {
    const outer = kernel.outer.map((axis) => axis[name]);
    const sum = kernel.k.map((axis) => axis[name]);
    const plain: Operand = {
      name,
      buffer: name === "a" ? 0 : 1,
      size,
      step,
      sum,
      outer,
      start: kernel.start[name],
      unit: single,
    };
    return { ...plain, unit: aligned ? unitOf(plain, kernel.k.at(-1)!.size) : single };
  };
  return { m: operand("a", m.size, m.a), n: operand("b", n.size, n.b) };
}

const fours = (steps: readonly number[]): boolean => steps.every((each) => each % 4 === 0);

function unitOf({ size, step, sum, outer, start }: Operand, depth: number): Unit {
  if (!fours([start, ...outer, ...sum.slice(0, -1)])) return single;
  const inner = sum.at(-1)!;
  if (step === 1 && size % 4 === 0 && inner % 4 === 0) return alongRows;
  return inner === 1 && depth % 4 === 0 && step % 4 === 0 ? alongDepth : single;
}

/** Elements of one unit. */
export function widthOf({ unit }: Operand): 1 | 4 {
  return unit.rows === 4 || unit.depth === 4 ? 4 : 1;
}

/** The place of the units of a tile: the `u`-th has rows from `row` on and terms from `depth` on. */
export function unitsOf(
  { unit }: Operand,
  rows: number,
  depth: number,
): { readonly row: number; readonly depth: number }[] {
  const [along, deep] = [rows / unit.rows, depth / unit.depth];
  return Array.from({ length: along * deep }, (_, u) => ({
    row: (u % along) * unit.rows,
    depth: Math.floor(u / along) * unit.depth,
  }));
}
