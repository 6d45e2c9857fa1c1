import type { Affine } from "./affine.ts";
import { partsOf } from "./expression.ts";
import type { Accumulator, Expr, Guard, LoopKernel, Store } from "./ir.ts";

// Walking and rewriting expressions. They are DAGs: what is shared before a rewriting is shared after it.

/** The indices that an expression itself names, those of its guards left out. */
export function indicesOf(expr: Expr): readonly Affine[] {
  if (expr.kind === "load" || expr.kind === "lookup") return [expr.at];
  return expr.kind === "index" ? [expr.index] : [];
}

/** The same expression around other operands; itself where they are the same. */
function withOperands(expr: Expr, operands: readonly Expr[]): Expr {
  if (partsOf(expr).every((operand, i) => operand === operands[i])) return expr;
  const [a, b, c] = operands as readonly [Expr, Expr, Expr];
  switch (expr.kind) {
    case "call":
      return { ...expr, args: operands };
    case "where":
      return { ...expr, condition: a, yes: b, no: c };
    case "cast":
      return { ...expr, value: a };
    case "lookup":
      return { ...expr, index: a };
    case "guarded":
      return { ...expr, value: a, otherwise: b };
    default:
      return expr;
  }
}

/**
 * Rewrites from the roots: `change` gives the expression to stand for another, whose operands are rewritten in turn. A
 * change that drops an operand thereby spares the work on it.
 */
export function rewriting(change: (expr: Expr) => Expr): (expr: Expr) => Expr {
  const known = new Map<Expr, Expr>();
  const rewrite = (expr: Expr): Expr => {
    const done = known.get(expr);
    if (done !== undefined) return done;
    const changed = change(expr);
    const result = withOperands(changed, partsOf(changed).map(rewrite));
    known.set(expr, result);
    return result;
  };
  return rewrite;
}

/** What a kernel computes: the expressions of its accumulators and of its stores. */
export function rootsOf({ accumulators, stores }: Pick<LoopKernel, "accumulators" | "stores">): readonly Expr[] {
  return [...accumulators.flatMap(keptOf), ...stores.map(({ expr }) => expr)];
}

/** The expressions of an accumulator. */
export function keptOf(accumulator: Accumulator): readonly Expr[] {
  return accumulator.op === "choose" ? [accumulator.expr, accumulator.value] : [accumulator.expr];
}

/** The kernel with other expressions. */
export function withRoots<K extends Pick<LoopKernel, "accumulators" | "stores">>(
  kernel: K,
  map: (expr: Expr) => Expr,
): K {
  return {
    ...kernel,
    accumulators: kernel.accumulators.map((each): Accumulator => {
      if (each.op === "choose") return { ...each, expr: map(each.expr), value: map(each.value) };
      return { ...each, expr: map(each.expr) };
    }),
    stores: kernel.stores.map((store): Store => ({ ...store, expr: map(store.expr) })),
  };
}

/** Every expression below the roots, each once, a parent before what only it contains. */
export function allOf(roots: readonly Expr[]): readonly Expr[] {
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    partsOf(expr).forEach(visit);
  };
  roots.forEach(visit);
  return [...seen];
}

/** All guards below the roots. */
export function guardsOf(roots: readonly Expr[]): readonly Guard[] {
  return allOf(roots).flatMap((expr) => (expr.kind === "guarded" ? expr.guards : []));
}

/** A set of axes, axis i as bit i. */
export type AxisSet = number;

export function axisSet(axes: readonly number[]): AxisSet {
  return axes.reduce((set, axis) => set | (1 << axis), 0);
}

/** The axes along which an index changes. */
export function axesOfIndex({ coefficients }: Affine): AxisSet {
  return coefficients.reduce((set, c, axis) => (c === 0 ? set : set | (1 << axis)), 0);
}

/** Every axis: what the result of a reduction may depend on. */
const everyAxis: AxisSet = -1;

/** The axes along which expressions change. */
export function axesInUse(): (expr: Expr) => AxisSet {
  const known = new Map<Expr, AxisSet>();
  const axesOf = (expr: Expr): AxisSet => {
    const done = known.get(expr);
    if (done !== undefined) return done;
    const guards = expr.kind === "guarded" ? expr.guards.map(({ index }) => index) : [];
    const own = [...indicesOf(expr), ...guards].reduce((set, index) => set | axesOfIndex(index), 0);
    const inside = partsOf(expr).reduce((set, operand) => set | axesOf(operand), own);
    const axes = expr.kind === "accumulator" ? everyAxis : inside;
    known.set(expr, axes);
    return axes;
  };
  return axesOf;
}
