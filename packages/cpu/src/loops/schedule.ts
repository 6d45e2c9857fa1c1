import type { Affine, Expr, LoopKernel } from "@steelyard/compiler";
import { allOf, axesOfIndex, axisSet, axesInUse, rootsOf } from "./expressions.ts";

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

/** What an access costs a vector, in instructions: in all lanes, side by side, upside down, or lane by lane. */
function accessCost(step: number): number {
  if (step === 0) return 0.3;
  if (step === 1) return 1;
  return step === -1 ? 1.5 : 5;
}

// A transposed block of sixteen takes four loads and eight shuffles.
const transposedCost = 2.5;
// Starting a row costs about this much, in the same unit.
const rowCost = 3;
// A guard that is decided lane by lane.
const maskCost = 20;

export function scheduleOf(kernel: LoopKernel, chunkTerms: number): Schedule {
  const { space, reduced, accumulators } = kernel;
  const spaceAxes = space.map((_, axis) => axis);
  const reducedAxes = reduced.map((_, i) => space.length + i);
  // Lanes along a reduced axis mix the order of its terms, which a choice of the first may not.
  const ordered = accumulators.some(({ op }) => op === "choose");
  const candidates = [...spaceAxes.toReversed(), ...(ordered || reduced.includes(0) ? [] : reducedAxes.toReversed())];
  let best: { axis: number | null; cost: number } = { axis: null, cost: Infinity };
  for (const axis of candidates) {
    const cost = costOf(kernel, axis);
    if (cost < best.cost) best = { axis, cost };
  }
  const lanes = best.axis;
  const kind = lanes !== null && lanes >= space.length ? "reduced" : "space";
  const tile = lanes === null || kind === "reduced" ? null : tileFor(kernel, lanes);
  const others = spaceAxes.filter((axis) => axis !== lanes && axis !== tile);
  const outer = tile === null ? others : [...others, tile];
  const vectors = tile === null ? vectorsOf(kernel, lanes, kind) : 4;
  const inner = [...reducedAxes.filter((axis) => axis !== lanes), ...(kind === "reduced" ? [lanes!] : [])];
  const order = kind === "space" && lanes !== null ? [...outer, lanes] : outer;
  const split = splitOf(kernel, order, { lanes, tile, vectors }, chunkTerms);
  return { lanes, kind, outer, tile, reduced: inner, vectors, split };
}

/** Places that are read for every term, or for every point. */
function placesOf(roots: readonly Expr[]): readonly Affine[] {
  return allOf(roots).flatMap((expr) => (expr.kind === "load" || expr.kind === "lookup" ? [expr.at] : []));
}

/** The cost of one term of the kernel with lanes along an axis. */
function costOf(kernel: LoopKernel, axis: number): number {
  const { space, reduced, accumulators, stores } = kernel;
  const size = [...space, ...reduced][axis]!;
  const terms = Math.max(
    1,
    reduced.reduce((product, n) => product * n, 1),
  );
  const perTerm = rootsOf({ accumulators, stores: [] });
  const perPoint = stores.map(({ expr }) => expr);
  const written = stores.map(({ at }) => at);
  const tile = axis < space.length ? tileFor(kernel, axis) : null;
  const access = (at: Affine): number => {
    const cost = accessCost(at.coefficients[axis]!);
    return tile !== null && cost > transposedCost && at.coefficients[tile] === 1 ? transposedCost : cost;
  };
  const costs = (roots: readonly Expr[]): number => {
    const reads = placesOf(roots).reduce((sum, at) => sum + access(at), 0);
    return reads + masksAlong(roots, axis) * maskCost + lookupsAlong(roots, axis) * 5;
  };
  const writes = written.reduce((sum, at) => sum + accessCost(at.coefficients[axis]!), 0);
  const rows = Math.ceil(size / 4);
  if (axis >= space.length) {
    // One point at a time for the epilogue, after lanes have been combined.
    const point = 10 * accumulators.length + costs(perPoint) + written.length;
    return (rows * (costs(perTerm) + 0.5) + rowCost) / size + point / terms;
  }
  const point = costs(perPoint) + writes;
  return (rows * (accumulators.length === 0 ? point + 0.5 : costs(perTerm) + 0.5 + point / terms) + rowCost) / size;
}

/** Guards that change along the axis, but not along it alone: nothing can be cut for them. */
function masksAlong(roots: readonly Expr[], axis: number): number {
  return allOf(roots).reduce((count, expr) => {
    const guards = expr.kind === "guarded" ? expr.guards : [];
    const mixed = guards.filter(({ index }) => {
      const axes = axesOfIndex(index);
      return (axes & axisSet([axis])) !== 0 && axes !== axisSet([axis]);
    });
    return count + mixed.length;
  }, 0);
}

function lookupsAlong(roots: readonly Expr[], axis: number): number {
  const axesOf = axesInUse();
  return allOf(roots).filter((expr) => expr.kind === "lookup" && (axesOf(expr.index) & axisSet([axis])) !== 0).length;
}

/** The axis along which all that is strided along the lanes lies side by side, in a kernel that only moves or maps. */
function tileFor({ space, accumulators, stores }: LoopKernel, lanes: number): number | null {
  if (accumulators.length > 0 || stores.some(({ at }) => accessCost(at.coefficients[lanes]!) > transposedCost))
    return null;
  const strided = placesOf(stores.map(({ expr }) => expr)).filter(
    ({ coefficients }) => accessCost(coefficients[lanes]!) > transposedCost,
  );
  const axis = strided[0]?.coefficients.findIndex((c, i) => c === 1 && i !== lanes) ?? -1;
  if (axis < 0 || space[axis]! < 4 || space[lanes]! < 4) return null;
  return strided.every(({ coefficients }) => coefficients[axis] === 1) ? axis : null;
}

// Pairs of vectors become one of 256 bits where V8's revectorizer runs, so there are always at least two; more hide
// the latency of what is computed as long as there are registers for them.
function vectorsOf(kernel: LoopKernel, lanes: number | null, kind: Schedule["kind"]): number {
  if (lanes === null) return 1;
  const size = [...kernel.space, ...kernel.reduced][lanes]!;
  const { length: sums } = kernel.accumulators;
  const { length: weight } = allOf(rootsOf(kernel));
  const wanted = kind === "reduced" ? reducedVectors(sums) : sums > 3 || weight > 24 ? 2 : 4;
  return Math.max(1, Math.min(wanted, Math.floor(size / 4)));
}

function reducedVectors(sums: number): number {
  if (sums === 1) return 8;
  return sums <= 3 ? 4 : 2;
}

function splitOf(
  { space, reduced }: LoopKernel,
  order: readonly number[],
  { lanes, tile, vectors }: Pick<Schedule, "lanes" | "tile" | "vectors">,
  chunkTerms: number,
): Split | null {
  const terms = Math.max(
    1,
    reduced.reduce((product, n) => product * n, 1),
  );
  const inside = (from: number): number => order.slice(from).reduce((product, axis) => product * space[axis]!, terms);
  if (order.length === 0 || inside(0) <= 2 * chunkTerms) return null;
  const found = order.findIndex((axis, i) => axis === tile || inside(i + 1) <= chunkTerms);
  const before = found < 0 ? order.length - 1 : found;
  const axis = order[before]!;
  const size = space[axis]!;
  const wanted = Math.max(1, Math.floor(chunkTerms / inside(before + 1)));
  const step = axis === lanes ? vectors * 4 : axis === tile ? 4 : 1;
  const even = size / Math.ceil(size / wanted);
  const points = Math.min(size, Math.ceil(even / step) * step);
  return { before, points, blocks: Math.ceil(size / points) };
}
