import type { Fours } from "./fours.ts";

/** An axis by its number, by the name of its index, which is an i32, and how long it is. */
export interface Axis {
  readonly axis: number;
  readonly name: string;
  readonly size: number;
}

/** Axes of these sizes, numbered from `first` on. */
export function axesOf(sizes: readonly number[], first = 0): readonly Axis[] {
  return sizes.map((size, i) => ({ axis: first + i, name: `i${first + i}`, size }));
}

/** The same, but the axis that is taken in fours is counted in fours, by q. */
export function inFours(axes: readonly Axis[], fours: Fours | null): readonly Axis[] {
  if (fours === null) return axes;
  return axes.map((each) => {
    return each.axis === fours.axis ? { axis: fours.quad, name: "q", size: each.size / 4 } : each;
  });
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((result, size) => result * size, 1);
}

/** How many points there are along axes. */
export function countOf(axes: readonly Axis[]): number {
  return product(axes.map(({ size }) => size));
}
