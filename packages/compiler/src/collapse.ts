import { scaled, type Affine } from "./affine.ts";
import type { Expr, Guard, LoopKernel } from "./ir.ts";
import { allOf, guardsOf, indicesOf, rewriting, rootsOf, withRoots } from "./rewriting.ts";

/**
 * The same kernel with as few and as long axes as possible: axes of size 1 go, the axes of the space follow the order
 * of the first store in memory, and neighbours merge wherever all that is read and written runs through both as through
 * one. Afterwards all indices, those of the stores too, are over the axes [space…, reduced…].
 */
export function collapsed(kernel: LoopKernel): LoopKernel {
  let result = withoutUnits(kernel);
  for (let axis = result.space.length + result.reduced.length - 2; axis >= 0; axis--) {
    if (canMerge(result, axis)) result = merged(result, axis);
  }
  return result;
}

function withoutUnits(kernel: LoopKernel): LoopKernel {
  const { space, reduced, stores } = kernel;
  const sizes = [...space, ...reduced];
  const step = (axis: number): number => Math.abs(stores[0]?.at.coefficients[axis] ?? 0);
  const axes = sizes.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  const inSpace = axes.filter((axis) => axis < space.length).toSorted((a, b) => step(b) - step(a));
  const inReduced = axes.filter((axis) => axis >= space.length);
  const kept = [...inSpace, ...inReduced];
  // An index over the space alone, as stores have it, has no coefficient for the reduced axes.
  const change = (at: Affine): Affine => ({ ...at, coefficients: kept.map((axis) => at.coefficients[axis] ?? 0) });
  const guard = (each: Guard): Guard => ({ ...each, index: change(each.index) });
  return withAxes(
    kernel,
    inSpace.map((a) => sizes[a]!),
    inReduced.map((a) => sizes[a]!),
    change,
    guard,
  );
}

/** Whether an axis and the next one are one in memory, for every index of the kernel. */
function canMerge(kernel: LoopKernel, axis: number): boolean {
  const { space, reduced, stores } = kernel;
  if (axis + 1 === space.length) return false;
  const inner = [...space, ...reduced][axis + 1]!;
  const runsOn = ({ coefficients: c }: Affine): boolean => c[axis] === c[axis + 1]! * inner;
  const roots = rootsOf(kernel);
  const indices = [...stores.map(({ at }) => at), ...allOf(roots).flatMap(indicesOf)];
  return indices.every(runsOn) && guardsOf(roots).every(({ index }) => runsOn(index) || ignoresInner(index, axis));
}

// 0 ≤ i + k < size asks nothing of the next axis j < n, and is the same as 0 ≤ (i·n + j) + k·n < size·n: a guard on rows
// is one on the elements of the rows. So a padded image is still a run of memory. Only where no other axis moves the
// bounds: those of the merged axis are then known when the kernel is emitted.
function ignoresInner({ coefficients: c }: Affine, axis: number): boolean {
  return Math.abs(c[axis]!) === 1 && c.every((x, i) => i === axis || x === 0);
}

function merged(kernel: LoopKernel, axis: number): LoopKernel {
  const { space, reduced } = kernel;
  const inner = [...space, ...reduced][axis + 1]!;
  const join = (at: Affine): Affine => ({ ...at, coefficients: at.coefficients.toSpliced(axis, 1) });
  const guard = ({ index, size }: Guard): Guard => {
    if (index.coefficients[axis] === index.coefficients[axis + 1]! * inner) return { index: join(index), size };
    // With i upside down so is i·n + j: (k − i)·n + (n − 1 − j).
    const direction = index.coefficients[axis]!;
    const { constant } = scaled(index, inner, direction < 0 ? inner - 1 : 0);
    const coefficients = join(index).coefficients.with(axis, direction);
    return { index: { constant, coefficients }, size: size * inner };
  };
  const joined = (sizes: readonly number[], at: number): readonly number[] => {
    return sizes.length > at && at >= 0 ? sizes.toSpliced(at, 2, sizes[at]! * inner) : sizes;
  };
  const inSpace = axis + 1 < space.length;
  return withAxes(
    kernel,
    inSpace ? joined(space, axis) : space,
    inSpace ? reduced : joined(reduced, axis - space.length),
    join,
    guard,
  );
}

function withAxes(
  kernel: LoopKernel,
  space: readonly number[],
  reduced: readonly number[],
  index: (at: Affine) => Affine,
  guard: (each: Guard) => Guard,
): LoopKernel {
  const change = (expr: Expr): Expr => {
    if (expr.kind === "load" || expr.kind === "lookup") return { ...expr, at: index(expr.at) };
    if (expr.kind === "index") return { ...expr, index: index(expr.index) };
    return expr.kind === "guarded" ? { ...expr, guards: expr.guards.map(guard) } : expr;
  };
  const changed = withRoots(kernel, rewriting(change));
  return { ...changed, space, reduced, stores: changed.stores.map((each) => ({ ...each, at: index(each.at) })) };
}
