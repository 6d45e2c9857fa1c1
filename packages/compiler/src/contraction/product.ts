// Every contraction is a sum of products A·B over some axes, for each point of some others. What differs from one
// primitive to the next are the steps with which the axes walk through A, B and C.

/**
 * An axis of C: so many elements from one index to the next in A, in B, in C, and in each companion of the epilogue
 * (`beside`). A step of 0 says that the operand does not depend on it.
 */
export interface FreeAxis {
  readonly size: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly beside: readonly number[];
}

/** An axis that is summed over. */
export interface SumAxis {
  readonly size: number;
  readonly a: number;
  readonly b: number;
}

/** C[…free, n] = Σ over `sum` of A·B. A stands still along n, whose elements become the lanes of vectors. */
export interface Product {
  /** Outermost first. */
  readonly free: readonly FreeAxis[];
  readonly n: FreeAxis;
  readonly sum: readonly SumAxis[];
  /** Offsets of the first elements. */
  readonly start: { readonly a: number; readonly b: number; readonly c: number; readonly beside: readonly number[] };
  /** Groups of channels: a free axis along which A and B both move. */
  readonly grouped: boolean;
  /** B is long: a copy of it in panels has to be used by more rows of A before it pays. */
  readonly inPlace: boolean;
}

/** What is summed over where there is no axis left. */
export const onePoint: SumAxis = { size: 1, a: 0, b: 0 };

/** Elements of a list of axes. */
export function volume(axes: readonly { readonly size: number }[]): number {
  return axes.reduce((product, { size }) => product * size, 1);
}

/**
 * The same product over fewer axes: those of size 1 are dropped, neighbours that act as one are merged. There is
 * always an axis to sum over, of size 1 if need be, and of size 0 alone if there is nothing to sum.
 */
export function simplified(product: Product): Product {
  const summed = merged(product.sum, ({ a, b }) => [a, b]);
  if (volume(product.sum) === 0) summed.splice(0, Infinity, { size: 0, a: 0, b: 0 });
  const sum = summed.length === 0 ? [onePoint] : summed;
  return { ...product, free: merged(product.free, ({ a, b, c, beside }) => [a, b, c, ...beside]), sum };
}

/** `stepsOf` says what has to agree for neighbours to be merged: each step of the outer one is that of the inner × size. */
export function merged<Axis extends { readonly size: number }>(
  axes: readonly Axis[],
  stepsOf: (axis: Axis) => readonly number[],
): Axis[] {
  const kept: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const outer = kept.at(-1);
    const [steps, outerSteps] = [stepsOf(axis), outer === undefined ? [] : stepsOf(outer)];
    if (outer !== undefined && outerSteps.every((step, i) => step === steps[i]! * axis.size)) {
      kept[kept.length - 1] = { ...axis, size: outer.size * axis.size };
    } else kept.push(axis);
  }
  return kept;
}

/** Row-major steps for dense axes, the last one innermost. */
export function denseSteps(axes: readonly { readonly size: number }[], unit = 1): number[] {
  const steps = new Array<number>(axes.length);
  let step = unit;
  for (let i = axes.length - 1; i >= 0; i--) {
    steps[i] = step;
    step *= axes[i]!.size;
  }
  return steps;
}

/** The largest divisor of a size that is at most `most`. */
export function largestDivisor(size: number, most: number): number {
  for (let divisor = Math.min(size, most); divisor > 1; divisor--) if (size % divisor === 0) return divisor;
  return 1;
}
