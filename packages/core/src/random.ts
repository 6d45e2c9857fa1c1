/** Random tensors. A key decides everything, so a draw can be repeated; two draws need two keys, made by `split`. */
import type { DType } from "./dtype.ts";
import { valueError } from "./errors.ts";
import { add, cos, log, log1p, mod, mul, neg, square, sqrt, sub } from "./ops/arithmetic.ts";
import { cast } from "./ops/cast.ts";
import { less } from "./ops/compare.ts";
import { argSort } from "./ops/indexing.ts";
import { shiftRight } from "./ops/logic.ts";
import { randomBitsPrimitive } from "./primitives/random-bits.ts";
import type { Shape } from "./shape.ts";
import { apply, tensor, type Tensor, type TensorLike } from "./tensor.ts";
import { threefry2x32 } from "./threefry.ts";

/** Two 32-bit words: plain data, which a checkpoint stores as it is. */
export type RandomKey = readonly [number, number];

// Draws count their blocks with a second word of 0. Derived keys use others, so that they never meet a draw.
const splitting = 0x80000000;
const folding = 0x80000001;

/** The key of a seed: a whole number from 0 to 2⁵³ − 1. @throws ValueError @example random.key(42) // [0, 42] */
export function key(seed: number): RandomKey {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw valueError("random.key", "a whole number from 0 to 2^53 - 1", `${seed}`);
  return [Math.floor(seed / 2 ** 32), seed >>> 0];
}

/**
 * n keys, independent of each other and of what is drawn from the parent.
 *
 * @example const [forWeights, forBatches] = random.split(random.key(42), 2);
 */
export function split(parent: RandomKey, n: number): RandomKey[] {
  return Array.from({ length: n }, (_, i) => threefry2x32(parent, [i, splitting]));
}

/** The key of one number under another key: `foldIn(k, step)` gives each step its own without a chain of splits. */
export function foldIn(parent: RandomKey, data: number): RandomKey {
  return threefry2x32(parent, [data, folding]);
}

/** Independent 32-bit words, u32. The same on every device. */
export function bits(from: RandomKey, shape: Shape): Tensor {
  return apply(randomBitsPrimitive, [tensor(Uint32Array.from(from), { dtype: "u32" })], { shape: [...shape] });
}

/**
 * Uniform on low ≤ x < high, in steps of (high − low)/2²⁴: the top 24 bits of a word, which f32 holds exactly, so the
 * default range is the same on every device. Rounding may reach `high` in other ranges.
 *
 * @example random.uniform(random.key(1), [2, 3], { low: -1, high: 1 });
 */
export function uniform(
  from: RandomKey,
  shape: Shape,
  { low = 0, high = 1, dtype = "f32" }: { low?: number; high?: number; dtype?: DType } = {},
): Tensor {
  // f16 has no room for 24 bits: the number is rounded once, at the end.
  const whole = cast(shiftRight(bits(from, shape), 8), dtype === "f64" ? "f64" : "f32");
  return cast(add(mul(whole, (high - low) * 2 ** -24), low), dtype);
}

/** Of which normal distribution, and how the numbers are stored. */
export interface NormalOptions {
  /** 0 when left out. */
  readonly mean?: number;
  /** The standard deviation; 1 when left out. */
  readonly deviation?: number;
  readonly dtype?: DType;
}

/**
 * Normal numbers: mean + deviation·√(−2 ln u)·cos 2πv with uniform u, v, at most 5.8 deviations from the mean. Equal to
 * a few ulps on every device.
 *
 * Source: Box & Muller, "A note on the generation of random normal deviates", Ann. Math. Stat. 29 (1958).
 */
export function normal(from: RandomKey, shape: Shape, options: NormalOptions = {}): Tensor {
  const dtype = precise(options);
  const [u, v] = split(from, 2).map((k) => uniform(k, shape, { dtype })) as [Tensor, Tensor];
  // 1 − u lies in (0, 1], where the logarithm is finite.
  return scaled(mul(sqrt(mul(log(sub(1, u)), -2)), cos(mul(v, 2 * Math.PI))), options);
}

// √2·erf⁻¹ where |erf| ≤ erf √2, to 2e-7: the central branch of M. Giles, "Approximating the erfinv function" (2010).
// prettier-ignore
const central = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
];

/**
 * Normal numbers conditioned on lying within two deviations of the mean, by inversion: no rejection. `deviation` is
 * that of the normal distribution before truncation; after it is 0.88 times that.
 */
export function truncatedNormal(from: RandomKey, shape: Shape, options: NormalOptions = {}): Tensor {
  // u uniform on ±erf √2 (0.9544997 rounded towards zero)  ⇒  √2·erf⁻¹(u) is the wanted variable.
  const u = uniform(from, shape, { low: -0.9544997, high: 0.9544997, dtype: precise(options) });
  const w = sub(neg(log1p(neg(square(u)))), 2.5);
  const series = central.slice(1).reduce<TensorLike>((sum, c) => add(mul(sum, w), c), central[0]!);
  return scaled(mul(mul(u, Math.SQRT2), series), options);
}

/** Formulas run in f32 at least; f16 is for keeping the result. */
function precise({ dtype }: NormalOptions): DType {
  return dtype === "f64" ? "f64" : "f32";
}

function scaled(x: Tensor, { mean = 0, deviation = 1, dtype = "f32" }: NormalOptions): Tensor {
  return cast(add(mul(x, deviation), mean), dtype);
}

/** True with probability p, rounded up to a multiple of 2⁻²⁴; p may be a tensor that broadcasts with the shape. */
export function bernoulli(from: RandomKey, p: TensorLike, shape: Shape): Tensor {
  return less(uniform(from, shape), p);
}

/**
 * Whole numbers low ≤ x < high, i32. Some are likelier than others by at most (high − low)/2³².
 *
 * @throws ValueError when there is none, or a bound is not an i32
 */
export function randint(from: RandomKey, shape: Shape, low: number, high: number): Tensor {
  if (!((low | 0) === low && (high | 0) === high && low < high)) {
    throw valueError("random.randint", "whole numbers low < high within i32", `${low} and ${high}`);
  }
  return add(cast(mod(bits(from, shape), high - low), "i32"), low);
}

/**
 * 0 … n − 1 in random order, i32 [n]: the order of n random words. Equal words, of which there are n²/2³³, keep theirs.
 */
export function permutation(from: RandomKey, n: number): Tensor {
  return argSort(bits(from, [n]));
}
