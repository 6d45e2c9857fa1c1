import { allOf, rootsOf, type LoopKernel } from "@steelyard/compiler";
import { cheapestLanes, tileFor } from "./lanes.ts";

// How a kernel runs, decided by its shapes and steps alone: along which axis lanes lie, how many vectors a turn takes and
// what is a chunk.

/** Kernels of many chunks are cut across one axis of the space; each chunk has one index of every axis outside it. */
export interface Split {
  /** How many of the outer axes, outermost first, have one index in a chunk. */
  readonly before: number;
  /** Points of the axis that is cut: the one of `outer` after those, or the lanes' axis behind the last of them. */
  readonly points: number;
  readonly blocks: number;
}

export interface Schedule {
  /** The axis lanes lie along; null: one point at a time. */
  readonly lanes: number | null;
  /** Lanes are points of the space, or terms of one reduction. */
  readonly kind: "space" | "reduced";
  /** The other axes of the space, outermost first. */
  readonly outer: readonly number[];
  /** The vectors of a turn lie side by side along this axis, the last of `outer`; null: they follow the lanes. */
  readonly tile: number | null;
  /** The reduced axes in order, but the lanes' axis last. */
  readonly reduced: readonly number[];
  readonly vectors: number;
  readonly split: Split | null;
}

// A chunk is much more than it costs a thread to take it, and little enough that all threads end together. Whoever takes
// one waits until all that he has stored is there: half a microsecond of a stream to memory. So where there are enough
// chunks they are larger.
const leastChunk = 32768;
const mostChunk = 131072;
const enoughChunks = 64;

/** About how many terms, or points of a map, a chunk of a kernel is to have. */
export function usualChunk({ space, reduced, stores }: LoopKernel): number {
  const terms = product(space) * termsOfPoint({ reduced, stores });
  return Math.min(mostChunk, Math.max(leastChunk, Math.ceil(terms / enoughChunks)));
}

/** What stores many values works for each of them. */
function termsOfPoint({ reduced, stores }: Pick<LoopKernel, "reduced" | "stores">): number {
  return Math.max(1, product(reduced)) * Math.max(1, stores.length);
}

export function scheduleOf(kernel: LoopKernel, chunkTerms: number): Schedule {
  const { space, reduced } = kernel;
  const lanes = cheapestLanes(kernel);
  const kind = lanes !== null && lanes >= space.length ? "reduced" : "space";
  const tile = lanes === null || kind === "reduced" ? null : tileFor(kernel, lanes);
  const others = space.map((_, axis) => axis).filter((axis) => axis !== lanes && axis !== tile);
  const along = reduced.map((_, i) => space.length + i).filter((axis) => axis !== lanes);
  const whole: Schedule = {
    lanes,
    kind,
    outer: tile === null ? others : [...others, tile],
    tile,
    reduced: kind === "reduced" ? [...along, lanes!] : along,
    vectors: tile === null ? vectorsOf(kernel, lanes, kind) : tileHeight(space[tile]!),
    split: null,
  };
  return { ...whole, split: splitOf(kernel, whole, chunkTerms) };
}

// Eight rows read half a cache line of each column they cross, and four only a quarter.
function tileHeight(rows: number): number {
  return rows >= 8 ? 8 : 4;
}

// Two vectors become one of 256 bits where V8's revectorizer runs, so there are always pairs; more of them hide the latency
// of what is computed, as long as there are registers for them.
function vectorsOf(kernel: LoopKernel, lanes: number | null, kind: Schedule["kind"]): number {
  if (lanes === null) return 1;
  const sums = kernel.accumulators.length;
  const wanted = kind === "reduced" ? reducedVectors(sums) : spaceVectors(sums, allOf(rootsOf(kernel)).length);
  const most = Math.floor([...kernel.space, ...kernel.reduced][lanes]! / 4);
  return most >= wanted ? wanted : Math.max(1, most - (most % 2));
}

function reducedVectors(sums: number): number {
  if (sums === 1) return 8;
  return sums <= 3 ? 4 : 2;
}

function spaceVectors(sums: number, expressions: number): number {
  return sums > 3 || expressions > 24 ? 2 : 4;
}

function splitOf({ space, reduced, stores }: LoopKernel, schedule: Schedule, chunkTerms: number): Split | null {
  const { kind, lanes, outer, tile, vectors } = schedule;
  const order = kind === "space" && lanes !== null ? [...outer, lanes] : outer;
  const terms = termsOfPoint({ reduced, stores });
  const inside = (level: number): number => terms * product(order.slice(level).map((axis) => space[axis]!));
  if (order.length === 0 || inside(0) <= 2 * chunkTerms) return null;
  // The rows of a tile belong together: nothing is cut inside of it.
  const found = order.findIndex((axis, level) => axis === tile || inside(level + 1) <= chunkTerms);
  const before = found < 0 ? order.length - 1 : found;
  const axis = order[before]!;
  const size = space[axis]!;
  const wanted = Math.max(1, Math.floor(chunkTerms / inside(before + 1)));
  const even = size / Math.ceil(size / wanted);
  const unit = axis === lanes ? 4 * vectors : axis === tile ? vectors : 1;
  const points = Math.min(size, Math.ceil(even / unit) * unit);
  return { before, points, blocks: Math.ceil(size / points) };
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((result, size) => result * size, 1);
}
