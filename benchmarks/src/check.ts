import { netTolerance, type NetTolerance } from "./net/net-shape.ts";
import type { Work } from "./works/work.ts";

/**
 * Why `result` is not what the interpreter says; null when it is.
 *
 * Operands are whole numbers whose sums are exact in f32, so results must agree exactly; but who transforms first
 * (Winograd) may be off by less than ½, which rounding takes away. Of a training step the two losses and the gradient
 * are held to `netTolerance`.
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

const losses = ["first", "second"];

function netFault(result: Float32Array, reference: Float32Array, { loss, gradient }: NetTolerance): string | null {
  // Not `>`: NaN is wrong too.
  const at = losses.findIndex((_, i) => !(Math.abs(result[i]! - reference[i]!) <= loss * Math.abs(reference[i]!)));
  if (at >= 0) return `wrong: the ${losses[at]} step's loss is ${result[at]} where ${reference[at]} is due`;
  const due = reference.subarray(losses.length);
  const difference = due.map((x, i) => result[i + losses.length]! - x);
  const apart = Math.hypot(...difference) / Math.hypot(...due);
  return apart <= gradient
    ? null
    : `wrong: the gradient in the first filters is off by ${apart.toExponential(1)} of its norm`;
}
