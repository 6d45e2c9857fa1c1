import { netTolerance } from "./net/net-shape.ts";
import type { Work } from "./works/work.ts";

/**
 * Why `result` is not what the interpreter says; null when it is.
 *
 * Operands are whole numbers whose sums are exact in f32, so results must agree exactly; but who transforms first
 * (Winograd) may be off by less than ½, which rounding takes away. Of a training step the two losses and the gradient
 * are each held to the bound of `netTolerance`.
 */
export function faultOf(work: Work, result: Float32Array, reference: Float32Array): string | null {
  if (result.length !== reference.length) return `wrong: ${result.length} numbers where ${reference.length} are due`;
  if (work.kind === "net") return netFault(result, reference, netTolerance(work.net));
  for (let i = 0; i < result.length; i++) {
    if (Math.round(result[i]!) !== reference[i]!)
      return `wrong: number ${i} is ${result[i]} where ${reference[i]} is due`;
  }
  return null;
}

const parts = ["loss of the first step", "loss of the second step", "gradient in the first filters"];

function netFault(result: Float32Array, reference: Float32Array, tolerance: number): string | null {
  for (const [i, part] of parts.entries()) {
    const range = [i, i < 2 ? i + 1 : undefined] as const;
    const [got, due] = [result.subarray(...range), reference.subarray(...range)];
    const size = due.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const apart = due.reduce((most, x, j) => Math.max(most, Math.abs(x - got[j]!)), 0);
    // Not `apart > …`: NaN is wrong too.
    if (!(apart <= tolerance * size))
      return `wrong: the ${part} is off by ${(apart / size).toExponential(1)} of its size`;
  }
  return null;
}
