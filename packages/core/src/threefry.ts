/**
 * Threefry-2x32 with 20 rounds: a counter-based generator. `(key, counter)` alone decides the two words, so any draw
 * can be made without its predecessors, in any order, on any machine.
 *
 * Source: Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), section 4.3, table 2.
 */

// The third key word is k0 ^ k1 ^ this constant, taken from Skein, so that an all-zero key is not a fixed point.
const parity = 0x1bd11bda;

// Rotations alternate between these two groups of four rounds; a key injection follows each group.
const rotations: readonly (readonly [number, number, number, number])[] = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
  [13, 15, 26, 6],
  [17, 29, 16, 24],
  [13, 15, 26, 6],
];

/** Writes the two words of one block to `out[at]` and `out[at + 1]`; a word beyond the end of `out` is dropped. */
function block(k0: number, k1: number, c0: number, c1: number, out: Uint32Array, at: number): void {
  // The schedule is a ring of three words, turned by one place per group instead of indexed modulo 3.
  let a = k1;
  let b = parity ^ k0 ^ k1;
  let c = k0;
  let x = (c0 + k0) | 0;
  let y = (c1 + k1) | 0;
  let group = 0;
  for (const [r0, r1, r2, r3] of rotations) {
    x = (x + y) | 0;
    y = ((y << r0) | (y >>> (32 - r0))) ^ x;
    x = (x + y) | 0;
    y = ((y << r1) | (y >>> (32 - r1))) ^ x;
    x = (x + y) | 0;
    y = ((y << r2) | (y >>> (32 - r2))) ^ x;
    x = (x + y) | 0;
    y = ((y << r3) | (y >>> (32 - r3))) ^ x;
    group += 1;
    x = (x + a) | 0;
    y = (y + b + group) | 0;
    const first = a;
    a = b;
    b = c;
    c = first;
  }
  out[at] = x;
  out[at + 1] = y;
}

const scratch = new Uint32Array(2);

/**
 * The Threefry-2x32-20 bijection of `counter` under `key`.
 *
 * All words are unsigned 32-bit integers held in numbers; other numbers are taken modulo 2³².
 *
 * @example
 * threefry2x32([0, 0], [0, 0]) // [0x6b200159, 0x99ba4efe]
 */
export function threefry2x32(key: readonly [number, number], counter: readonly [number, number]): [number, number] {
  block(key[0] | 0, key[1] | 0, counter[0] | 0, counter[1] | 0, scratch, 0);
  return [scratch[0] ?? 0, scratch[1] ?? 0];
}

/**
 * Fills `out` with consecutive blocks: `[out[2i], out[2i + 1]] = threefry2x32(key, [low, high])`, where `low` and
 * `high` are the halves of the 64-bit counter `firstCounter + i`. Allocates nothing; an odd length drops the last word.
 *
 * `firstCounter` is a non-negative safe integer (default 0).
 */
export function threefryFill(key: readonly [number, number], out: Uint32Array, firstCounter = 0): void {
  const k0 = key[0] | 0;
  const k1 = key[1] | 0;
  for (let at = 0, counter = firstCounter; at < out.length; at += 2, counter += 1) {
    // `| 0` wraps modulo 2³² for any safe integer; the division is exact below 2⁵³.
    block(k0, k1, counter | 0, Math.floor(counter / 0x1_0000_0000) | 0, out, at);
  }
}
