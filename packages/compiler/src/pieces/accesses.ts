import { rangeOf, scaled, plus, type Affine } from "../affine.ts";
import { allParts } from "../expression.ts";
import type { Expr } from "../ir.ts";
import { alignment, type Cutting, type Loop, type Room, type Window } from "./cutting.ts";

// Where a kernel reads and writes, and how it is grouped into what is bound.

/** Places of a buffer: at + low … at + high, where `at` is affine in the axes. */
export interface Access {
  /** The buffer, as its place in `held`. */
  readonly buffer: number;
  readonly at: Affine;
  readonly low: number;
  readonly high: number;
  /** The load or lookup; null for what is stored, and for the operands of a contraction. */
  readonly expr: Expr | null;
}

/** Accesses that share one window. */
export interface Cluster {
  readonly buffer: number;
  readonly accesses: readonly Access[];
  /** How far apart they are at most at one point of the axes. */
  readonly drift: number;
  /** Whether one window holds them all, over all axes. */
  readonly fits: boolean;
}

/** What a loop touches, over its space and, behind it, its reduced axes. */
export function accessesOf({ space, reduced, accumulators, stores }: Loop, cutting: Cutting): Access[] {
  const rank = space.length + reduced.length;
  const accumulated = accumulators.flatMap((each) => (each.op === "choose" ? [each.expr, each.value] : [each.expr]));
  const results = stores.map(({ expr }) => expr);
  const stored = stores.map(({ buffer, at }): Access => {
    return { buffer, at: widened(at, rank), low: 0, high: 0, expr: null };
  });
  return [...readsOf(accumulated, rank, cutting), ...readsOf(results, rank, cutting), ...stored];
}

/** What expressions read, in a space of `rank` axes that begins with theirs. */
export function readsOf(exprs: readonly Expr[], rank: number, { held }: Cutting): Access[] {
  return allParts(exprs).flatMap((expr): Access[] => {
    if (expr.kind !== "load" && expr.kind !== "lookup") return [];
    const reach = expr.kind === "load" ? 0 : reachOf(expr, held[expr.buffer]!.elements);
    const at = widened(expr.at, rank);
    return [{ buffer: expr.buffer, at, low: Math.min(0, reach), high: Math.max(0, reach), expr }];
  });
}

/** How far from its `at` a lookup may read; a size may be larger than there are elements. */
export function reachOf({ step, size }: Extract<Expr, { kind: "lookup" }>, elements: number): number {
  const most = elements - 1;
  return Math.max(-most, Math.min(most, step * (size - 1)));
}

/** The same index in a space with more axes behind. */
function widened({ constant, coefficients }: Affine, rank: number): Affine {
  return { constant, coefficients: [...coefficients, ...new Array<number>(rank - coefficients.length).fill(0)] };
}

/** The window that holds what is accessed over a space. What would lie outside of the buffer is guarded. */
export function windowOf(accesses: readonly Access[], space: readonly number[], elements: number): Window {
  const sizes = walked(space);
  let [first, last] = [Infinity, -Infinity];
  for (const { at, low, high } of accesses) {
    const [from, to] = rangeOf(at, sizes);
    first = Math.min(first, from + low);
    last = Math.max(last, to + high);
  }
  const inside = (place: number): number => Math.max(0, Math.min(place, elements - 1));
  const start = inside(first);
  return { from: start - (start % alignment), to: inside(last) + 1 };
}

/** Over an axis without indices nothing is read, but what is stored after it goes where the others say. */
function walked(space: readonly number[]): number[] {
  return space.map((size) => Math.max(1, size));
}

/**
 * All accesses in as few clusters as will do once the axes are cut, or if they are not cut any more; what is stored into
 * is bound once.
 */
export function clustersOf(
  accesses: readonly Access[],
  space: readonly number[],
  cutting: Cutting,
  isCut = false,
): Cluster[] {
  const byBuffer = Map.groupBy(accesses, ({ buffer }) => buffer);
  return [...byBuffer].flatMap(([buffer, own]) => {
    const one = clusterOf(buffer, own, space, cutting);
    const isStored = own.some(({ expr }) => expr === null);
    if (one.fits || isStored || (!isCut && isNarrow(one, cutting.room))) return [one];
    return groupsOf(own, cutting.room).map((group) => clusterOf(buffer, group, space, cutting));
  });
}

function clusterOf(
  buffer: number,
  accesses: readonly Access[],
  space: readonly number[],
  { held, room }: Cutting,
): Cluster {
  const { from, to } = windowOf(accesses, space, held[buffer]!.elements);
  const fits = to - from <= room.elements;
  return { buffer, accesses, drift: fits ? 0 : driftOf(accesses, space), fits };
}

/** Whether a window holds a cluster at every single point, wherever that lies. */
function isNarrow({ drift }: Cluster, { elements }: Room): boolean {
  return drift + alignment <= elements;
}

/** Whether a kernel with these clusters fits as soon as its axes are cut finely enough. */
export function areCuttable(clusters: readonly Cluster[], room: Room): boolean {
  return clusters.length <= room.buffers && clusters.every((cluster) => cluster.fits || isNarrow(cluster, room));
}

/** The largest distance between two places at one point: that of a_i + high_i from a_j + low_j. */
function driftOf(accesses: readonly Access[], space: readonly number[]): number {
  const [{ at: first }] = accesses as [Access];
  if (accesses.every(({ at }) => isParallel(at, first))) {
    const lowest = Math.min(...accesses.map(({ at, low }) => at.constant + low));
    return Math.max(...accesses.map(({ at, high }) => at.constant + high)) - lowest;
  }
  const distances = accesses.flatMap((a) =>
    accesses.map((b) => rangeOf(plus(a.at, scaled(b.at, -1)), walked(space))[1] + a.high - b.low),
  );
  return Math.max(...distances);
}

function isParallel(a: Affine, b: Affine): boolean {
  return a.coefficients.every((step, axis) => step === b.coefficients[axis]);
}

/** Accesses that move alike and are never far from each other. */
function groupsOf(accesses: readonly Access[], { elements }: Room): Access[][] {
  const groups: Access[][] = [];
  for (const access of accesses.toSorted((a, b) => a.at.constant - b.at.constant)) {
    const group = groups.find(([first]) => {
      const distance = access.at.constant + access.high - (first!.at.constant + first!.low);
      return isParallel(access.at, first!.at) && distance + alignment <= elements && access.low === 0;
    });
    if (group === undefined) groups.push([access]);
    else group.push(access);
  }
  return groups;
}
