import {
  allOf,
  axesInUse,
  axesOfIndex,
  axisSet,
  rootsOf,
  type Affine,
  type Expr,
  type LoopKernel,
} from "@steelyard/compiler";

// Along which axis four neighbours are computed together: the one along which most accesses are whole vectors. Costs are
// in instructions, roughly, for one vector.

/** In all lanes, side by side, upside down, or lane by lane. */
function accessCost(step: number): number {
  if (step === 0) return 0.3;
  if (step === 1) return 1;
  return step === -1 ? 1.5 : 5;
}

// A transposed block of sixteen takes four loads and eight shuffles.
const transposedCost = 2.5;
// Starting a row.
const rowCost = 1.5;
// What is computed from the loads, more or less.
const workCost = 0.5;
// A guard that is decided lane by lane, and a lookup at indices of their own.
const maskCost = 20;
const lookupCost = 5;
// Bringing the lanes of a reduction together.
const combineCost = 10;

/** The axis lanes lie along, of the space or reduced; null when there is none. Of equals the innermost of the space. */
export function cheapestLanes(kernel: LoopKernel): number | null {
  const { space, reduced, accumulators } = kernel;
  // Lanes along a reduced axis mix the order of its terms, which a choice of the first may not.
  const ordered = accumulators.some(({ op }) => op === "choose") || reduced.includes(0);
  const inSpace = space.map((_, axis) => axis).toReversed();
  const inReduced = ordered ? [] : reduced.map((_, i) => space.length + i).toReversed();
  let best: { axis: number | null; cost: number } = { axis: null, cost: Infinity };
  for (const axis of [...inSpace, ...inReduced]) {
    const cost = costOf(kernel, axis);
    if (cost < best.cost) best = { axis, cost };
  }
  return best.axis;
}

/** The cost of one term of the kernel with lanes along an axis. */
function costOf(kernel: LoopKernel, axis: number): number {
  const { space, reduced, accumulators, stores } = kernel;
  const size = [...space, ...reduced][axis]!;
  const rows = Math.ceil(size / 4);
  const terms = Math.max(
    1,
    reduced.reduce((product, n) => product * n, 1),
  );
  const tile = axis < space.length ? tileFor(kernel, axis) : null;
  const term = costOfReading(rootsOf({ accumulators, stores: [] }), axis, tile) + workCost;
  const epilogue = costOfReading(
    stores.map(({ expr }) => expr),
    axis,
    tile,
  );
  if (axis >= space.length) {
    const point = combineCost * accumulators.length + epilogue + stores.length;
    return (rows * term + rowCost) / size + point / terms;
  }
  const point = epilogue + stores.reduce((sum, { at }) => sum + accessCost(at.coefficients[axis]!), 0);
  const vector = accumulators.length === 0 ? point + workCost : term + point / terms;
  return (rows * vector + rowCost) / size;
}

function costOfReading(roots: readonly Expr[], axis: number, tile: number | null): number {
  const reads = placesOf(roots).map(({ coefficients }) => {
    const cost = accessCost(coefficients[axis]!);
    return tile !== null && coefficients[tile] === 1 ? Math.min(cost, transposedCost) : cost;
  });
  const sum = reads.reduce((total, cost) => total + cost, 0);
  return sum + masksAlong(roots, axis) * maskCost + lookupsAlong(roots, axis) * lookupCost;
}

function placesOf(roots: readonly Expr[]): readonly Affine[] {
  return allOf(roots).flatMap((expr) => (expr.kind === "load" || expr.kind === "lookup" ? [expr.at] : []));
}

/** Guards that change along the axis, but not along it alone: the axis cannot be cut where they change. */
function masksAlong(roots: readonly Expr[], axis: number): number {
  const own = axisSet([axis]);
  const isMixed = (axes: number): boolean => (axes & own) !== 0 && axes !== own;
  const guards = allOf(roots).flatMap((expr) => (expr.kind === "guarded" ? expr.guards : []));
  return guards.filter(({ index }) => isMixed(axesOfIndex(index))).length;
}

function lookupsAlong(roots: readonly Expr[], axis: number): number {
  const axesOf = axesInUse();
  return allOf(roots).filter((expr) => expr.kind === "lookup" && (axesOf(expr.index) & axisSet([axis])) !== 0).length;
}

/**
 * In a map, the other axis along which everything lies side by side that is strided along the lanes: a transposition.
 * Null when there is none, or nothing is strided.
 */
export function tileFor({ space, accumulators, stores }: LoopKernel, lanes: number): number | null {
  const isStrided = ({ coefficients }: Affine): boolean => Math.abs(coefficients[lanes]!) > 1;
  if (accumulators.length > 0 || space[lanes]! < 4 || stores.some(({ at }) => isStrided(at))) return null;
  const strided = placesOf(stores.map(({ expr }) => expr)).filter(isStrided);
  const axis = strided[0]?.coefficients.findIndex((c, i) => c === 1 && i !== lanes) ?? -1;
  if (axis < 0 || space[axis]! < 4) return null;
  return strided.every(({ coefficients }) => coefficients[axis] === 1) ? axis : null;
}
