import process from "node:process";

// Arguments for functions of f32, by their bits: these count the floats in their order, and sample every size alike.

const all = 2 ** 32;

/** How many floats one finds between two of a sample of all floats: 2¹² by default, 2⁷ under STEELYARD_FUZZ=long. */
export const spacing: number = process.env.STEELYARD_FUZZ === "long" ? 2 ** 7 : 2 ** 12;

/** One float of each block of `every` floats, in parts of at most 2²⁰: every exponent and sign, with 2²³/`every` fractions. */
export function* ofAllFloats(every: number): Generator<Float32Array> {
  const partLength = Math.min(2 ** 20, all / every);
  for (let from = 0; from < all; from += every * partLength) {
    const bits = Uint32Array.from({ length: partLength }, (_, i) => from + i * every + (scrambled(from + i) % every));
    yield new Float32Array(bits.buffer);
  }
}

/** The floats on both sides of each number, `reach` of them to a side, and the negatives of all. */
export function around(numbers: readonly number[], reach: number): Float32Array {
  const centres = new Uint32Array(Float32Array.from(numbers).buffer);
  const bits = [...centres].flatMap((centre) => Array.from({ length: 2 * reach + 1 }, (_, i) => centre + i - reach));
  return new Float32Array(Uint32Array.from(bits.flatMap((each) => [each, each ^ 0x80000000])).buffer);
}

/** The f32 of 32 bits. */
export function floatOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!;
}

export type Pairs = readonly [Float32Array, Float32Array];

/** First numbers of every size, and to each a second, which may depend on it and on a number from 0 to 1. */
export function pairs(second: (first: number, random: number) => number): Pairs {
  const [firsts] = ofAllFloats(2 ** 12);
  return [firsts!, firsts!.map((first, i) => second(first, scrambled(i) / all))];
}

/** All pairs of numbers with cases of their own in one function or another. */
export function specialPairs(): Pairs {
  const small = [0, 2 ** -149, 2 ** -126, 1 / 3, 0.5, 1 - 2 ** -24, 1, 1 + 2 ** -23, 1.5, 2, 2.5, 3, 4, 100];
  const large = [
    2 ** 22 + 0.5,
    2 ** 23 + 1,
    2 ** 24 - 1,
    2 ** 24,
    2 ** 25,
    1e10,
    2 ** 127,
    2 ** 128 - 2 ** 104,
    Infinity,
  ];
  const numbers = [...small, ...large].flatMap((x) => [x, -x]).concat(NaN);
  return [
    Float32Array.from(numbers.flatMap((x) => numbers.map(() => x))),
    Float32Array.from(numbers.flatMap(() => numbers)),
  ];
}

/** A bijection of the 32-bit numbers that looks random. Source: the finaliser of MurmurHash3 (A. Appleby, public domain). */
function scrambled(i: number): number {
  let h = i | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
