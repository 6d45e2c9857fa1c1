import { netFlops } from "../net/net-shape.ts";
import { convFlops } from "./conv.ts";
import type { Work } from "./work.ts";

/** Floating point operations of a piece of work, a multiply-add counting two; null where they are not what it is about. */
export function flopsOf(work: Work): number | null {
  switch (work.kind) {
    case "conv":
      return convFlops(work.shape) * (work.pass === "all" ? 3 : 1);
    case "matmul":
      return 2 * work.m * work.k * work.n;
    case "chain":
      return chain.length * work.size;
    case "net":
      return netFlops(work.net);
    default:
      return null;
  }
}

/** The chain: whole numbers in −2 … 2 stay whole and small, so that every device must give the same bits. */
export const chain: readonly (readonly ["add" | "mul" | "max", number])[] = [
  ["add", 1],
  ["mul", 3],
  ["max", -2],
  ["add", -4],
  ["mul", -2],
  ["max", -9],
  ["add", 5],
  ["mul", 2],
  ["max", -7],
  ["add", 11],
];
