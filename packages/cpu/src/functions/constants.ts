// What several of the functions build on.

/** The sign bit of a float. */
export const signBit = 0x80000000;

/**
 * ln 2 in two parts. The first has nine bits: for |n| < 2¹⁵ its product with n has no error, and neither has the difference
 * of that from an x near it.
 */
export const ln2High: number = 355 / 512;
export const ln2Low: number = Math.LN2 - ln2High;

/** The bits of √½ in f32. Subtracted from those of an x, they leave an exponent that makes m lie between √½ and √2. */
export const rootHalfBits = 0x3f3504f3;

/**
 * Added to a number, they leave no room for a fraction: the sum is rounded to a whole number, which stands in its low bits;
 * subtracting them gives it as a float. For numbers below 2²² and 2⁵¹.
 */
export const wholeFloat: number = 1.5 * 2 ** 23;
export const wholeDouble: number = 1.5 * 2 ** 52;
