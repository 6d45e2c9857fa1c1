import { i32x4, v128 } from "../assembler/assembler.ts";
import type { Call } from "./calls.ts";

/** Truth values are masks, of all bits or none. */
export const booleans: Readonly<Record<string, Call>> = {
  not: (_, x) => v128.not(x.get),
  and: (_, a, b) => v128.and(a.get, b.get),
  or: (_, a, b) => v128.or(a.get, b.get),
  xor: (_, a, b) => v128.xor(a.get, b.get),
  equal: (_, a, b) => i32x4.eq(a.get, b.get),
  notEqual: (_, a, b) => v128.xor(a.get, b.get),
  // Shifts are of the numbers 0 and 1, and what is not 0 is true.
  shiftLeft: (_, a) => a.get,
  shiftRight: (_, a, b) => v128.andnot(a.get, b.get),
};
