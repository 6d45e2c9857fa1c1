const unit = 2 ** -24;
const smallestNormal = 2 ** -126;

/**
 * The error of a computed f32 in units of u = 2⁻²⁴ times the exact value; below the normal numbers, where the floats get no
 * denser, times the smallest of these. ∞ where the value should be no number, and where it is none and should be.
 */
function errorInUnits(value: number, exact: number): number {
  if (Object.is(value, Math.fround(exact))) return Number.isFinite(value) ? rounding(value, exact) : 0;
  return Number.isFinite(value) && Number.isFinite(Math.fround(exact)) ? rounding(value, exact) : Infinity;
}

function rounding(value: number, exact: number): number {
  return Math.abs(value - exact) / (unit * Math.max(Math.abs(exact), smallestNormal));
}

/** The largest error of an array of values, and the position where it is. */
export function largestError(values: Float32Array, exact: (i: number) => number): { error: number; at: number } {
  let largest = { error: -1, at: 0 };
  for (let i = 0; i < values.length; i++) {
    const error = errorInUnits(values[i]!, exact(i));
    if (error > largest.error) largest = { error, at: i };
  }
  return largest;
}
