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

// Numerators and denominators, highest power first; each the shortest decimal that reads as the f64 of the source's.
// prettier-ignore
const inner = {
  over: [
    1.8577770618460315e-1, 3.1611237438705655, 1.1386415415105016e2, 3.77485237685302e2, 3.2093775891384694e3,
  ],
  under: [1, 2.3601290952344122e1, 2.4402463793444417e2, 1.2826165260773723e3, 2.844236833439171e3],
};
// prettier-ignore
const middle = {
  over: [
    2.1531153547440383e-8, 5.641884969886701e-1, 8.883149794388377, 6.611919063714163e1, 2.986351381974001e2,
    8.81952221241769e2, 1.7120476126340707e3, 2.0510783778260716e3, 1.2303393547979972e3,
  ],
  under: [
    1, 1.5744926110709835e1, 1.176939508913125e2, 5.371811018620099e2, 1.6213895745666903e3,
    3.2907992357334597e3, 4.362619090143247e3, 3.4393676741437216e3, 1.2303393548037495e3,
  ],
};

/**
 * erf x = 2/√π ∫₀ˣ e^−t² dt, to about 1e-16.
 *
 * Source: W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969), 631–637, with
 * the coefficients of his CALERF (Netlib, SPECFUN). His third interval, beyond 4, is left out: it keeps 1 − erf
 * accurate there, not erf.
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
