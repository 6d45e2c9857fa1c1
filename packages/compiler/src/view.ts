import { stridesOf, type Shape } from "@steelyard/core";

/** Where the elements of a value lie in its buffer: element [i, j, …] at start + i·steps[0] + j·steps[1] + … */
export interface View {
  readonly shape: Shape;
  readonly start: number;
  readonly steps: readonly number[];
}

/** The view of a value that lies in row-major order from the start of its buffer. */
export function rowMajor(shape: Shape): View {
  return { shape, start: 0, steps: stridesOf(shape) };
}
