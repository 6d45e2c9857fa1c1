import { filterShape, inputShape, outputShape } from "./conv.ts";
import type { Work } from "./work.ts";

/** Values and their shape, row-major. */
export interface Operand {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * What a piece of work starts from, the same for everyone: conv: x, filters, cotangent; matmul: A, B; chain and copy: x; many
 * kernels: what each of their arrays holds at first.
 * Whole numbers in −2 … 2, so that sums of products are exact in f32 (below 2²⁴ up to four million terms) and every
 * implementation must give the same numbers.
 */
export function operandsOf(work: Work): Operand[] {
  return shapesOf(work).map((shape, i) => ({ shape, data: wholeNumbers(shape, i + 1) }));
}

function shapesOf(work: Work): (readonly number[])[] {
  switch (work.kind) {
    case "conv":
      return [inputShape(work.shape), filterShape(work.shape), outputShape(work.shape)];
    case "matmul":
      return [
        [work.m, work.k],
        [work.k, work.n],
      ];
    case "chain":
    case "copy":
    case "kernels":
      return [[work.size]];
    default:
      return [];
  }
}

function wholeNumbers(shape: readonly number[], seed: number): Float32Array<ArrayBuffer> {
  const size = shape.reduce((product, length) => product * length, 1);
  const draw = randomBits(seed);
  return Float32Array.from({ length: size }, () => (draw() % 5) - 2);
}

/** 32 random bits a call, the same sequence for the same seed: Marsaglia's xorshift, spread by a multiplication. */
export function randomBits(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.imul(state, 0x2c1b3c6d) >>> 0;
  };
}
