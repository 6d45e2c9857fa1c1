import type { ContractionKernel } from "@steelyard/compiler";
import type { Place } from "../loops/nest.ts";

/**
 * How the address of an operand moves along the axes of C, in bytes. A place without a buffer is the value of an index,
 * which moves along as addresses do.
 */
export interface Operand {
  readonly buffer: number | null;
  readonly start: number;
  readonly outer: readonly number[];
  readonly m: number;
  readonly n: number;
}

/** A, B (as it lies in rows) and C. */
export function operandsOf({ outer, m, n, start, buffers }: ContractionKernel): [a: Operand, b: Operand, c: Operand] {
  return [
    inBytes({ buffer: 0, start: start.a, outer: outer.map(({ a }) => a), m: m.a, n: 0 }),
    inBytes({ buffer: 1, start: start.b, outer: outer.map(({ b }) => b), m: 0, n: n.b }),
    inBytes({ buffer: buffers.length - 1, start: start.c, outer: outer.map(({ c }) => c), m: m.c, n: 1 }),
  ];
}

/** A place over the axes [outer…, m, n]. */
export function operandAt({ buffer, at }: Place): Operand {
  const { constant: start, coefficients } = at;
  const [m, n] = coefficients.slice(-2) as [number, number];
  return inBytes({ buffer, start, outer: coefficients.slice(0, -2), m, n });
}

function inBytes({ buffer, start, outer, m, n }: Operand): Operand {
  const unit = buffer === null ? 1 : 4;
  return { buffer, start: unit * start, outer: outer.map((step) => unit * step), m: unit * m, n: unit * n };
}
