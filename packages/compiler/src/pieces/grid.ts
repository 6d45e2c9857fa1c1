import type { Access, Cluster } from "./accesses.ts";
import { alignment, type Room } from "./cutting.ts";

// How the axes of a kernel are cut: into lengths, the same from the first box to the last but one, so that most boxes
// are one kernel at other places.

/** A part of a space: so much of each axis, from these indices on. */
export interface Box {
  readonly from: readonly number[];
  readonly sizes: readonly number[];
}

/**
 * Lengths of the axes such that a window holds what each cluster touches in any box. Reduced axes, which follow the `free`
 * ones, leave partial results: they are cut where nothing else helps. If boxes must follow each other in the order of the
 * points in them, every reduced axis outside of one that is cut is cut into single indices.
 */
export function gridOf(
  clusters: readonly Cluster[],
  sizes: readonly number[],
  free: number,
  elements: number,
  isOrdered = false,
): number[] {
  const grid = sizes.map((size) => Math.max(1, size));
  const wide = clusters.filter(({ fits }) => !fits);
  for (;;) {
    const cluster = wide.find((each) => boundOf(each, sizes, grid) > elements);
    if (cluster === undefined) return grid;
    const spans = grid.map((length, axis) => stepOf(cluster, axis) * (length - 1));
    const axis = axisToCut(cluster, spans, free, elements);
    grid[axis] = lengthOf(cluster, sizes, grid, axis, elements);
    if (isOrdered && axis > free) grid.fill(1, free, axis);
  }
}

/** The most that a cluster moves from one index of an axis to the next. */
function stepOf({ accesses }: Cluster, axis: number): number {
  return Math.max(...accesses.map(({ at }) => Math.abs(at.coefficients[axis]!)));
}

/** At most so many elements lie between the beginning of the window and its end, for boxes of these lengths. */
function boundOf(cluster: Cluster, sizes: readonly number[], grid: readonly number[]): number {
  const span = ({ at }: Access): number =>
    at.coefficients.reduce((sum, step, axis) => sum + Math.abs(step) * (grid[axis]! - 1), 0);
  return cluster.drift + Math.max(...cluster.accesses.map(span)) + 1 + lostOf(cluster, sizes, grid);
}

/**
 * The most elements that a window begins before what it is for. Boxes lie a whole number of lengths apart, so with g the
 * greatest common divisor of the alignment and of what a cluster moves from box to box, their first places are the same
 * modulo g.
 */
function lostOf({ accesses }: Cluster, sizes: readonly number[], grid: readonly number[]): number {
  const [{ at, low }] = accesses as [Access];
  if (accesses.length > 1 || at.coefficients.some((step) => step < 0)) return alignment - 1;
  const divisor = at.coefficients.reduce(
    (g, step, axis) => (grid[axis]! < sizes[axis]! ? gcd(step * grid[axis]!, g) : g),
    alignment,
  );
  const first = (((at.constant + low) % divisor) + divisor) % divisor;
  return alignment - divisor + first;
}

/** The free axis that makes most of a span, if it is enough to cut this one; else the axis that does, whichever it is. */
function axisToCut({ drift }: Cluster, spans: readonly number[], free: number, elements: number): number {
  const total = spans.reduce((sum, span) => sum + span, drift + alignment);
  const suffices = (span: number, axis: number): boolean => axis < free && span > 0 && total - span <= elements;
  const candidates = spans.some(suffices) ? spans.map((span, axis) => (suffices(span, axis) ? span : -1)) : spans;
  return candidates.indexOf(Math.max(...candidates));
}

/**
 * To what length an axis is cut: the longest that fits, rounded so that boxes begin where windows may, those of other
 * buffers too if that costs little; 1 if none fits.
 */
function lengthOf(
  cluster: Cluster,
  sizes: readonly number[],
  grid: readonly number[],
  axis: number,
  elements: number,
): number {
  const step = stepOf(cluster, axis);
  const single = grid.with(axis, 1);
  const others = boundOf(cluster, sizes, single) - lostOf(cluster, sizes, single);
  const longest = (room: number): number => Math.min(grid[axis]! - 1, Math.floor((room - others) / step) + 1);
  const fits = (length: number): boolean => length > 0 && boundOf(cluster, sizes, grid.with(axis, length)) <= elements;
  const most = longest(elements);
  const unit = most > 16 * alignment ? alignment : alignment / gcd(step, alignment);
  const aligned = most - (most % unit);
  if (fits(aligned)) return aligned;
  const anywhere = longest(elements - (alignment - 1));
  return Math.max(1, anywhere >= unit ? anywhere - (anywhere % unit) : anywhere);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** All boxes of these lengths, in order; those at the ends of axes are as long as what is left. */
export function boxesOf(sizes: readonly number[], grid: readonly number[]): Box[] {
  return sizes.reduce<Box[]>(
    (lead, size, axis) => {
      const starts = Array.from({ length: Math.max(1, Math.ceil(size / grid[axis]!)) }, (_, i) => i * grid[axis]!);
      return lead.flatMap((box) =>
        starts.map((start): Box => {
          return { from: [...box.from, start], sizes: [...box.sizes, Math.min(grid[axis]!, size - start)] };
        }),
      );
    },
    [{ from: [], sizes: [] }],
  );
}

/** Lengths of the free axes, at most those given, such that a window holds what all parts of a sum give for a box. */
export function lengthsOfParts(lengths: readonly number[], parts: number, { elements }: Room): number[] {
  const shorter = [...lengths];
  lengths.forEach((length, axis) => {
    const all = parts * shorter.reduce((product, each) => product * each, 1);
    if (all > elements) shorter[axis] = Math.max(1, Math.floor((length * elements) / all));
  });
  return shorter;
}

/** From one part of a sum to the next: such that both begin where windows may, if a window holds all parts even so. */
export function distanceOfParts(size: number, parts: number, { elements }: Room): number {
  const aligned = Math.ceil(size / alignment) * alignment;
  return aligned * parts <= elements ? aligned : size;
}
