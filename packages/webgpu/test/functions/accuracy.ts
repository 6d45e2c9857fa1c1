const unit = 2 ** -24;
const smallestNormal = 2 ** -126;

/**
 * The error of a computed f32 in units of u = 2⁻²⁴ times the exact value; below the normal numbers, where the floats get no
 * denser, times the smallest of these. ∞ where an exact zero, infinity or NaN is something else, its sign included. An error
 * that is no larger than `flushed` counts as none.
 */
function errorInUnits(value: number, exact: number, flushed: number): number {
  if (exact === 0 || !Number.isFinite(value) || !Number.isFinite(Math.fround(exact))) {
    return Object.is(value, Math.fround(exact)) ? 0 : Infinity;
  }
  const error = Math.abs(value - exact);
  return error <= flushed ? 0 : error / (unit * Math.max(Math.abs(exact), smallestNormal));
}

/** The largest error of an array of values, and the position where it is. */
export function largestError(
  values: ArrayLike<number>,
  exact: (i: number) => number,
  flushed: number,
): { readonly error: number; readonly at: number } {
  let largest = { error: -1, at: 0 };
  for (let i = 0; i < values.length; i++) {
    const error = errorInUnits(values[i]!, exact(i), flushed);
    if (error > largest.error) largest = { error, at: i };
  }
  return largest;
}
