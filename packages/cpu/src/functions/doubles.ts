import { f32x4, f64x2, i8x16, type Code } from "../assembler/assembler.ts";

// Four f32 as two pairs of f64 and back: for what f32 is too short for.

const lowWords = [0, 1, 2, 3, 8, 9, 10, 11];
const highHalf = [8, 9, 10, 11, 12, 13, 14, 15];

/** The first two f32, as f64. */
export function lowDoubles(x: Code): Code {
  return f64x2.promoteLowF32x4(x);
}

/** The last two f32, as f64; `x` is the code of a local, and used twice. */
export function highDoubles(x: Code): Code {
  return f64x2.promoteLowF32x4(i8x16.shuffle(x, x, [...highHalf, ...highHalf]));
}

/** Four f64 in two pairs, rounded to f32. */
export function joinDoubles(low: Code, high: Code): Code {
  const [first, second] = [f32x4.demoteF64x2Zero(low), f32x4.demoteF64x2Zero(high)];
  return i8x16.shuffle(first, second, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
}

/** The low 32 bits of four f64 (or i64). */
export function joinLowWords(low: Code, high: Code): Code {
  return i8x16.shuffle(low, high, [...lowWords, ...lowWords.map((byte) => byte + 16)]);
}
