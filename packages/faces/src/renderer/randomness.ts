import { threefry2x32, threefryFill } from "@steelyard/core";

/**
 * What a draw is for. Every purpose has numbers of its own, so that adding a draw to one never changes another, and what
 * is drawn for the background cannot depend on what was drawn for the face.
 */
export const purposes = {
  identity: 0,
  restingFace: 1,
  expression: 2,
  pose: 3,
  light: 4,
  background: 5,
  clothes: 6,
  accessories: 7,
  texture: 8,
  degradation: 9,
  label: 10,
  pairs: 11,
} as const;

export type Purpose = keyof typeof purposes;

/** A sequence of random numbers that is fixed by its key alone. */
export interface RandomStream {
  /** Uniform in `[low, high)`, by default `[0, 1)`. */
  uniform(low?: number, high?: number): number;
  /** Mean 0, deviation 1, within ±6. */
  normal(): number;
  /** A whole number in `[0, count)`. */
  integer(count: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
}

const half = 1 / 0x10000;
const word = 1 / 0x1_0000_0000;

/**
 * The stream of one purpose of one sample, keyed by all four arguments: any of them can be drawn without the others.
 *
 * Uses additions and multiplications only, so the numbers agree bit for bit on every machine.
 *
 * @param seed a safe integer
 */
export function randomStream(seed: number, purpose: Purpose, identity: number, sample = 0): RandomStream {
  const key = streamKey(seed, purpose, identity, sample, 0);
  const words = new Uint32Array(16);
  let block = 0;
  let used = words.length;
  const next = (): number => {
    if (used === words.length) {
      threefryFill(key, words, block);
      block += words.length / 2;
      used = 0;
    }
    return words[used++] ?? 0;
  };
  const uniform = (low = 0, high = 1): number => low + (high - low) * (next() * word);
  return {
    uniform,
    normal: () => {
      // Irwin-Hall: twelve uniforms have variance 1. No logarithm or cosine, whose last bit differs between engines.
      let sum = -6;
      for (let i = 0; i < 6; i++) {
        const bits = next();
        sum += ((bits >>> 16) + 0.5) * half + ((bits & 0xffff) + 0.5) * half;
      }
      return sum;
    },
    integer: (count) => Math.floor(uniform() * count),
    chance: (probability) => uniform() < probability,
  };
}

/**
 * Many roughly normal numbers at once (mean 0, deviation 1, within ±3.5), one word each: noise for every pixel.
 *
 * The sum of four uniform bytes has the mean 510 and the variance 4 · (256² − 1) / 12.
 */
export function noiseField(
  seed: number,
  purpose: Purpose,
  identity: number,
  sample: number,
  length: number,
): Float64Array {
  const words = new Uint32Array(length);
  threefryFill(streamKey(seed, purpose, identity, sample, 1), words);
  const scale = 1 / Math.sqrt((4 * 65535) / 12);
  const field = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const bits = words[i] ?? 0;
    field[i] = ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) * scale;
  }
  return field;
}

/** Keys are derived one from the other; `branch` keeps the streams and the fields of a purpose apart. */
function streamKey(seed: number, purpose: Purpose, identity: number, sample: number, branch: 0 | 1): [number, number] {
  const seedKey = [seed >>> 0, Math.floor(seed / 0x1_0000_0000) >>> 0] as const;
  return threefry2x32(threefry2x32(seedKey, [identity, purposes[purpose]]), [sample, branch]);
}
