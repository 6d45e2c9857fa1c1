import { stridesOf, type Shape } from "@steelyard/core";
import { placeOf, type Affine } from "../affine.ts";
import type { Expr } from "../ir.ts";

// Threefry-2x32 as an expression, so that random bits are made where they are needed, by all threads and in vectors.
// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); core's threefry.ts says more.

const parity = 0x1bd11bda;
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const groups = 5;

/** The random bits of the element at the indices: word i mod 2 of block ⌊i / 2⌋ under the key. */
export function randomBits(key: readonly [Expr, Expr], shape: Shape, indices: readonly Affine[], rank: number): Expr {
  const index: Expr = { kind: "index", dtype: "u32", index: placeOf(indices, stridesOf(shape), 0, rank) };
  const schedule = [key[0], key[1], call("xor", call("xor", key[0], key[1]), word(parity))];
  const of = (i: number): Expr => schedule[i % 3]!;
  let x = call("add", call("shiftRight", index, word(1)), of(0));
  // The upper half of the counter is zero: 2³² elements would not fit.
  let y = of(1);
  for (let group = 0; group < groups; group++) {
    for (const turn of rotations[group % 2]!) {
      x = call("add", x, y);
      y = call("xor", call("or", call("shiftLeft", y, word(turn)), call("shiftRight", y, word(32 - turn))), x);
    }
    x = call("add", x, of(group + 1));
    y = call("add", call("add", y, of(group + 2)), word(group + 1));
  }
  const isOdd = call("equal", call("and", index, word(1)), word(1), "bool");
  return { kind: "where", dtype: "u32", condition: isOdd, yes: y, no: x };
}

function word(value: number): Expr {
  return { kind: "constant", dtype: "u32", value };
}

function call(name: string, a: Expr, b: Expr, dtype: "u32" | "bool" = "u32"): Expr {
  return { kind: "call", dtype, name, args: [a, b] };
}
