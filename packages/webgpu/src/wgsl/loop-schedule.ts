import type { LoopKernel } from "@steelyard/compiler";
import type { RenderOptions } from "../shader.ts";
import { foursAlong } from "./fours.ts";

/** How a loop kernel is computed: any values give the same result for whole numbers, nothing has to divide anything. */
export interface LoopSchedule {
  /** Points of the space, or fours of them, that a workgroup computes beside each other. */
  readonly points: number;
  /** How often it does so, one after the other. */
  readonly turns: number;
  /** Invocations that share the terms of one point, each every so many: a power of two. */
  readonly stripes: number;
  /** Which of them are neighbours: so are then the addresses they read. */
  readonly fastest: "points" | "stripes";
  /** Whether an invocation takes four neighbours at once: along the last axis of the space, or of those reduced. */
  readonly fours: "space" | "reduced" | null;
}

/** Chosen by shapes and steps alone, so that sums are always taken in the same order. */
export function defaultLoopSchedule(kernel: LoopKernel, options: RenderOptions): LoopSchedule {
  const { adapter, limits } = options;
  const fours = options.offsets ? null : bestFours(kernel);
  const points = product(kernel.space) / (fours === "space" ? 4 : 1);
  const terms = product(kernel.reduced) / (fours === "reduced" ? 4 : 1);
  const invocations = Math.min(limits.invocations, 256);
  const isSoftware = adapter === "software";
  const beside = isSoftware ? 32 : 64;
  const isShared = kernel.accumulators.length > 0 && terms > 32 && points < (isSoftware ? 64 : 16_384);
  if (!isShared) {
    const turns = isSoftware ? Math.max(1, Math.min(64, Math.floor(points / beside / 64))) : 1;
    return { points: beside, turns, stripes: 1, fastest: "points", fours };
  }
  const stripes = Math.min(invocations, 2 ** Math.floor(Math.log2(terms / 4)));
  const rest = Math.max(1, Math.floor(invocations / stripes));
  return { points: rest, turns: 1, stripes, fastest: fours === "space" ? "points" : "stripes", fours };
}

/** Along the axis where most of what is read and written comes in vectors. */
function bestFours(kernel: LoopKernel): LoopSchedule["fours"] {
  const { space, reduced } = kernel;
  const along = (axis: number): number => foursAlong(kernel, axis)?.buffers.size ?? 0;
  const [inSpace, inReduced] = [along(space.length - 1), reduced.length === 0 ? 0 : along(space.length + reduced.length - 1)]; // prettier-ignore
  if (inSpace === 0 && inReduced === 0) return null;
  return inSpace >= inReduced ? "space" : "reduced";
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((result, size) => result * size, 1);
}
