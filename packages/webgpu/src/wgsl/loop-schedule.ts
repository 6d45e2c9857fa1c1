import { allOf, rootsOf, type LoopKernel } from "@steelyard/compiler";
import type { RenderOptions } from "../shader.ts";
import { product } from "./axes.ts";
import { foursAlong, type Fours } from "./fours.ts";

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

/** Without terms nothing is read: the accumulators keep what they begin with. */
export function hasTerms({ accumulators, reduced }: LoopKernel): boolean {
  return accumulators.length > 0 && product(reduced) > 0;
}

/** What a schedule comes to for a kernel: nobody shares a point without terms, and points that are shared have one turn. */
export function scheduleFor(kernel: LoopKernel, options: RenderOptions, wanted: LoopSchedule | null): LoopSchedule {
  const schedule = wanted ?? defaultLoopSchedule(kernel, options);
  return schedule.stripes > 1 && hasTerms(kernel) ? { ...schedule, turns: 1 } : { ...schedule, stripes: 1 };
}

/** The axis that a schedule takes in fours, where that is possible. Where offsets are only known later nothing is. */
export function foursOf(kernel: LoopKernel, options: RenderOptions, { fours }: LoopSchedule): Fours | null {
  if (fours === null || options.offsets || (fours === "reduced" && !hasTerms(kernel))) return null;
  const [space, reduced] = lastAxes(kernel);
  return foursAlong(kernel, fours === "space" ? space : reduced);
}

/** Chosen by shapes and steps alone, so that sums are always taken in the same order. */
function defaultLoopSchedule(kernel: LoopKernel, options: RenderOptions): LoopSchedule {
  const fours = options.offsets ? null : bestFours(kernel);
  const work = {
    points: product(kernel.space) / (fours === "space" ? 4 : 1),
    terms: kernel.accumulators.length === 0 ? 0 : product(kernel.reduced) / (fours === "reduced" ? 4 : 1),
    invocations: invocationsFor(kernel, fours, options),
    isRowwise: runsAlong(kernel) === "reduced",
  };
  return { ...(options.adapter === "software" ? onSoftware(work) : onGpu(work)), fours };
}

interface Amount {
  readonly points: number;
  readonly terms: number;
  /** The most that a workgroup may have. */
  readonly invocations: number;
  /** Whether neighbours in memory are terms of one point. */
  readonly isRowwise: boolean;
}

type Shape = Omit<LoopSchedule, "fours">;

// A processor that plays GPU runs the invocations of a workgroup as lanes of its vectors, eight or four of them, and one
// vector after the other. A workgroup costs about as much as a thousand of its instructions, so each has many turns; but
// there are enough of them for some threads. To share a point pays only where there are too few for that.
function onSoftware({ points, terms, invocations }: Amount): Shape {
  const lanes = 8;
  const groups = 16;
  const stripes = powerOfTwo(Math.min(groups, invocations, terms));
  if (points < groups && terms > 64 && stripes > 1) return { points: 1, turns: 1, stripes, fastest: "stripes" };
  const turns = Math.max(1, Math.min(256, Math.floor(points / lanes / groups)));
  return { points: lanes, turns, stripes: 1, fastest: "points" };
}

// A GPU wants some ten thousand invocations, and neighbours among them to read what lies side by side.
function onGpu({ points, terms, invocations, isRowwise }: Amount): Shape {
  const alone = { points: Math.min(64, invocations), turns: 1, stripes: 1, fastest: "points" } as const;
  const isFull = points >= 16_384;
  if (terms <= 16 || invocations < 2 || (isFull && !isRowwise)) return alone;
  if (isRowwise) {
    const stripes = powerOfTwo(Math.min(invocations, isFull ? 32 : 256, terms / 2));
    return { points: Math.max(1, Math.floor(invocations / stripes)), turns: 1, stripes, fastest: "stripes" };
  }
  const beside = powerOfTwo(Math.min(16, points, invocations));
  const stripes = powerOfTwo(Math.min(invocations / beside, terms / 2));
  return { points: beside, turns: 1, stripes, fastest: "points" };
}

/** As many as the limits allow, and the workgroup memory in which they put together what they have. */
function invocationsFor(kernel: LoopKernel, fours: LoopSchedule["fours"], { limits }: RenderOptions): number {
  const words = kernel.accumulators.reduce((sum, { op }) => sum + (op === "choose" ? 3 : 1), 0);
  const bytes = words * (fours === "space" ? 16 : 4);
  return powerOfTwo(Math.min(256, limits.invocations, limits.workgroupBytes / Math.max(1, bytes)));
}

/** The largest that is not larger. */
function powerOfTwo(number: number): number {
  return number < 1 ? 1 : 2 ** Math.floor(Math.log2(number));
}

/** Along the axis where most of what is read and written comes in vectors. */
function bestFours(kernel: LoopKernel): LoopSchedule["fours"] {
  const [space, reduced] = lastAxes(kernel).map((axis) => foursAlong(kernel, axis)?.buffers.size ?? 0);
  if (space === 0 && reduced === 0) return null;
  return space! >= reduced! ? "space" : "reduced";
}

/** Along which axis most loads have neighbours in memory. */
function runsAlong(kernel: LoopKernel): "space" | "reduced" {
  const [space, reduced] = lastAxes(kernel).map((axis) => {
    return allOf(rootsOf(kernel)).filter((expr) => expr.kind === "load" && expr.at.coefficients[axis] === 1).length;
  });
  return reduced! > space! ? "reduced" : "space";
}

/** The last axis of the space and of those reduced; −1 where there is none. */
function lastAxes({ space, reduced }: LoopKernel): readonly [number, number] {
  return [space.length - 1, reduced.length === 0 ? -1 : space.length + reduced.length - 1];
}
