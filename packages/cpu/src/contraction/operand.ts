import type { ContractionKernel } from "@steelyard/compiler";

/** Where an operand lies: elements from one index to the next along the axes of C. */
export interface Operand {
  readonly buffer: number;
  readonly start: number;
  readonly outer: readonly number[];
  readonly m: number;
  readonly n: number;
}

/** A, B (as it lies in rows) and C. */
export function operandsOf({ outer, m, n, start, buffers }: ContractionKernel): [a: Operand, b: Operand, c: Operand] {
  return [
    { buffer: 0, start: start.a, outer: outer.map(({ a }) => a), m: m.a, n: 0 },
    { buffer: 1, start: start.b, outer: outer.map(({ b }) => b), m: 0, n: n.b },
    { buffer: buffers.length - 1, start: start.c, outer: outer.map(({ c }) => c), m: m.c, n: 1 },
  ];
}
