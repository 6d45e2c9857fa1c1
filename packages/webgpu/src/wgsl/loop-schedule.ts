import type { LoopKernel } from "@steelyard/compiler";
import type { RenderOptions } from "../shader.ts";

/** How a loop kernel is computed: any values give the same result for whole numbers, nothing has to divide anything. */
export interface LoopSchedule {
  /** Points of the space that a workgroup computes beside each other. */
  readonly points: number;
  /** Invocations that share the terms of one point, each every so many: a power of two. */
  readonly stripes: number;
  /** Which of them are neighbours: so are then the addresses they read. */
  readonly fastest: "points" | "stripes";
}

/** Chosen by shapes and steps alone, so that sums are always taken in the same order. */
export function defaultLoopSchedule(kernel: LoopKernel, { adapter, limits }: RenderOptions): LoopSchedule {
  const invocations = Math.min(limits.invocations, 256);
  const points = product(kernel.space);
  const terms = product(kernel.reduced);
  const alone = { points: Math.min(64, invocations), stripes: 1, fastest: "points" } as const;
  if (kernel.accumulators.length === 0 || terms <= 32) return alone;
  if (points >= (adapter === "software" ? 64 : 16_384)) return alone;
  const stripes = Math.min(invocations, 2 ** Math.floor(Math.log2(terms / 4)));
  return { stripes, points: Math.max(1, Math.floor(invocations / stripes)), fastest: "stripes" };
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((result, size) => result * size, 1);
}
