import { allOf, rootsOf, type Affine, type Expr, type LoopKernel } from "@steelyard/compiler";

// Four neighbours along an axis as the work of one invocation, in a loop over four *lanes*. What lies side by side is then
// read and written as a vector. Index i of the axis is 4·q + lane, where q has a number of its own, behind all axes.

/** How an axis is cut into fours. */
export interface Fours {
  readonly axis: number;
  /** The number under which indices name q. */
  readonly quad: number;
  /** The buffers that are bound as vectors: all that is read and written there comes in fours. */
  readonly buffers: ReadonlySet<number>;
}

/** The place of the vector in which four elements lie, counted in vectors; null if they are not one vector. */
export function vectorPlace({ constant, coefficients }: Affine, axis: number, rank: number): Affine | null {
  const isWhole = constant % 4 === 0 && coefficients.every((c, i) => (i === axis ? c === 1 : c % 4 === 0));
  if (!isWhole) return null;
  const moving = Array.from({ length: rank }, (_, i) => (i === axis ? 0 : (coefficients[i] ?? 0) / 4));
  return { constant: constant / 4, coefficients: [...moving, 1] };
}

/** An axis in fours; null where that is of no use, or cannot be. */
export function foursAlong(kernel: LoopKernel, axis: number): Fours | null {
  const { space, reduced } = kernel;
  const sizes = [...space, ...reduced];
  if (axis < 0 || sizes[axis]! % 4 !== 0 || sizes.includes(0)) return null;
  const quad = sizes.length;
  const accesses = accessesOf(kernel);
  const scattered = accesses.filter(({ at }) => at === null || vectorPlace(at, axis, quad) === null);
  const scalar = new Set(scattered.map(({ buffer }) => buffer));
  const buffers = new Set(accesses.map(({ buffer }) => buffer).filter((buffer) => !scalar.has(buffer)));
  return buffers.size === 0 ? null : { axis, quad, buffers };
}

interface Access {
  readonly buffer: number;
  /** Null: at a place that is computed. */
  readonly at: Affine | null;
}

function accessesOf(kernel: LoopKernel): Access[] {
  const loads = allOf(rootsOf(kernel)).flatMap((expr: Expr): Access[] => {
    if (expr.kind === "load") return [expr];
    return expr.kind === "lookup" ? [{ buffer: expr.buffer, at: null }] : [];
  });
  return [...loads, ...kernel.stores];
}
