/** An index as a function of the axes of a space: coefficients[0]·i_0 + coefficients[1]·i_1 + … + constant. */
export interface Affine {
  readonly constant: number;
  readonly coefficients: readonly number[];
}

/** The same number everywhere. */
export function constantIndex(constant: number, rank: number): Affine {
  return { constant, coefficients: new Array<number>(rank).fill(0) };
}

/** The index along one axis. */
export function axisIndex(axis: number, rank: number): Affine {
  return { constant: 0, coefficients: Array.from({ length: rank }, (_, i) => (i === axis ? 1 : 0)) };
}

export function plus(a: Affine, b: Affine): Affine {
  return { constant: a.constant + b.constant, coefficients: a.coefficients.map((x, i) => x + b.coefficients[i]!) };
}

/** factor · a + shift. */
export function scaled(a: Affine, factor: number, shift = 0): Affine {
  // `|| 0`: −0 and 0 are one index.
  const times = (x: number): number => x * factor || 0;
  return { constant: times(a.constant) + shift, coefficients: a.coefficients.map(times) };
}

/** Σ indices[i] · steps[i] + start: the place of an element in memory. */
export function placeOf(indices: readonly Affine[], steps: readonly number[], start: number, rank: number): Affine {
  return indices.reduce((sum, index, i) => plus(sum, scaled(index, steps[i]!)), constantIndex(start, rank));
}

export function isConstant({ coefficients }: Affine): boolean {
  return coefficients.every((c) => c === 0);
}

/** The smallest and largest value over a space without empty axes. */
export function rangeOf({ constant, coefficients }: Affine, space: readonly number[]): readonly [number, number] {
  let [low, high] = [constant, constant];
  coefficients.forEach((c, axis) => {
    const reach = c * (space[axis]! - 1);
    if (reach < 0) low += reach;
    else high += reach;
  });
  return [low, high];
}

/** Readable, with axes i0, i1, …: `64·i0 + i2 + 3`. */
export function showAffine({ constant, coefficients }: Affine): string {
  const terms = coefficients.flatMap((c, axis) => (c === 0 ? [] : [c === 1 ? `i${axis}` : `${c}·i${axis}`]));
  if (constant !== 0 || terms.length === 0) terms.push(String(constant));
  return terms.join(" + ").replaceAll("+ -", "− ").replaceAll("-", "−");
}
