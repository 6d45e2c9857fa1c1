import { rangeOf, type Affine } from "../affine.ts";
import { withParts } from "../expression.ts";
import type { Accumulator, Expr, Guard } from "../ir.ts";
import type { Loop } from "./cutting.ts";
import type { Box } from "./grid.ts";

/** Rewrites expressions from the inside out; what is shared stays shared. */
export function rewriter(change: (rewritten: Expr, before: Expr) => Expr): (expr: Expr) => Expr {
  const done = new Map<Expr, Expr>();
  const rewrite = (expr: Expr): Expr => {
    const known = done.get(expr) ?? change(withParts(expr, rewrite), expr);
    done.set(expr, known);
    return known;
  };
  return rewrite;
}

/** An accumulator with its expressions replaced. */
export function withExpressions(accumulator: Accumulator, replaced: (expr: Expr) => Expr): Accumulator {
  const expr = replaced(accumulator.expr);
  return accumulator.op === "choose"
    ? { ...accumulator, expr, value: replaced(accumulator.value) }
    : { ...accumulator, expr };
}

/** An index of the whole, over the axes of a box. */
function indexWithin({ constant, coefficients }: Affine, { from }: Pick<Box, "from">): Affine {
  return { constant: coefficients.reduce((sum, step, axis) => sum + step * from[axis]!, constant), coefficients };
}

/** Expressions of the whole, over the axes of a box: guards that hold everywhere in it, or nowhere, are gone. */
export function expressionsWithin(box: Box): (expr: Expr) => Expr {
  const isEmpty = box.sizes.includes(0);
  return rewriter((expr) => {
    switch (expr.kind) {
      case "index":
        return { ...expr, index: indexWithin(expr.index, box) };
      case "load":
      case "lookup":
        return { ...expr, at: indexWithin(expr.at, box) };
      case "guarded": {
        const guards = expr.guards.map(({ index, size }): Guard => ({ index: indexWithin(index, box), size }));
        return isEmpty ? { ...expr, guards } : decided({ ...expr, guards }, box.sizes);
      }
      default:
        return expr;
    }
  });
}

function decided(expr: Extract<Expr, { kind: "guarded" }>, space: readonly number[]): Expr {
  const ranges = expr.guards.map((guard) => ({ guard, range: rangeOf(guard.index, space) }));
  if (ranges.some(({ guard, range: [low, high] }) => high < 0 || low >= guard.size)) return expr.otherwise;
  const open = ranges.filter(({ guard, range: [low, high] }) => low < 0 || high >= guard.size);
  return open.length === 0 ? expr.value : { ...expr, guards: open.map(({ guard }) => guard) };
}

/** The part of a loop that a box of its space and reduced axes holds. */
export function loopWithin(loop: Loop, box: Box): Loop {
  const rank = loop.space.length;
  const outside: Box = { from: box.from.slice(0, rank), sizes: box.sizes.slice(0, rank) };
  const [inner, outer] = [expressionsWithin(box), expressionsWithin(outside)];
  return {
    ...loop,
    space: outside.sizes,
    reduced: box.sizes.slice(rank),
    accumulators: loop.accumulators.map((accumulator) => withExpressions(accumulator, inner)),
    stores: loop.stores.map(({ buffer, at, expr }) => ({ buffer, at: indexWithin(at, outside), expr: outer(expr) })),
  };
}
