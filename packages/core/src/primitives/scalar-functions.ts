/** Scalar functions that Math lacks, in forms that neither overflow nor cancel. */

/** 1 / (1 + e⁻ˣ). The exponential never grows, so nothing overflows. */
export function sigmoidValue(x: number): number {
  const small = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + small) : small / (1 + small);
}

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|). */
export function softplusValue(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** The nearest integer; of two equally near ones the even one, so that rounding has no drift. */
export function roundHalfToEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** a − ⌊a/b⌋·b: the remainder with the sign of the divisor, as in Python and NumPy. */
export function flooredMod(a: number, b: number): number {
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
}

// Numerators and denominators, highest power first.
// prettier-ignore
const inner = {
  over: [
    1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3,
  ],
  under: [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3],
};
// prettier-ignore
const middle = {
  over: [
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
    8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
  ],
  under: [
    1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
    3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
  ],
};

/**
 * erf x = 2/√π ∫₀ˣ e^−t² dt, to about 1e-16.
 *
 * Source: W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969), 631–637, with
 * the coefficients of his CALERF (Netlib, SPECFUN). His third interval, beyond 4, is left out: it keeps 1 − erf accurate
 * there, not erf.
 */
export function erfValue(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.46875) return x * ratio(inner, x * x);
  if (size >= 6) return Math.sign(x); // 1 − erf 6 < 2.2e-17
  return Math.sign(x) * (1 - Math.exp(-size * size) * ratio(middle, size));
}

function ratio({ over, under }: { over: readonly number[]; under: readonly number[] }, x: number): number {
  const horner = (sum: number, coefficient: number): number => sum * x + coefficient;
  return over.reduce(horner, 0) / under.reduce(horner, 0);
}
