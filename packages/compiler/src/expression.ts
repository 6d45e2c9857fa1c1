import type { Expr, Kernel } from "./ir.ts";

// Walks over expressions. They are graphs: what is shared is visited once, or a walk could take for ever.

/** The expressions that an expression is made of. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "call":
      return expr.args;
    case "where":
      return [expr.condition, expr.yes, expr.no];
    case "cast":
      return [expr.value];
    case "guarded":
      return [expr.value, expr.otherwise];
    case "lookup":
      return [expr.index];
    default:
      return [];
  }
}

/** The expression with each of the expressions it is made of replaced. */
export function withParts(expr: Expr, replaced: (part: Expr) => Expr): Expr {
  switch (expr.kind) {
    case "call":
      return { ...expr, args: expr.args.map(replaced) };
    case "where":
      return { ...expr, condition: replaced(expr.condition), yes: replaced(expr.yes), no: replaced(expr.no) };
    case "cast":
      return { ...expr, value: replaced(expr.value) };
    case "guarded":
      return { ...expr, value: replaced(expr.value), otherwise: replaced(expr.otherwise) };
    case "lookup":
      return { ...expr, index: replaced(expr.index) };
    default:
      return expr;
  }
}

/** Every expression that these are made of, once each, parts before wholes. */
export function allParts(exprs: readonly Expr[]): Expr[] {
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    partsOf(expr).forEach(visit);
    seen.add(expr);
  };
  exprs.forEach(visit);
  return [...seen];
}

/** The expressions a kernel evaluates. */
export function expressionsOf(kernel: Kernel): Expr[] {
  if (kernel.kind === "contraction") return [kernel.epilogue];
  const accumulated = kernel.accumulators.flatMap((each) =>
    each.op === "choose" ? [each.expr, each.value] : [each.expr],
  );
  return [...accumulated, ...kernel.stores.map(({ expr }) => expr)];
}

/** A text that two kernels have in common exactly when they do the same in the same way: everything but their names. */
export function keyOf(kernel: Kernel): string {
  const numbers = new Map<Expr, number>();
  const parts = allParts(expressionsOf(kernel)).map((expr) => {
    const line = textOf(expr, numbers);
    numbers.set(expr, numbers.size);
    return line;
  });
  return [...parts, textOf({ ...kernel, name: "" }, numbers)].join("\n");
}

/** Plain data as text, with the numbers of those expressions in it that have one: so what is shared is written once. */
export function textOf(value: unknown, numbers: ReadonlyMap<Expr, number>): string {
  return JSON.stringify(value, (field, part: unknown) => {
    if (typeof part === "object")
      return field === "" || !numbers.has(part as Expr) ? part : `#${numbers.get(part as Expr)}`;
    // JSON has null for ∞, −∞ and NaN, and one zero.
    const isOdd = typeof part === "number" && (!Number.isFinite(part) || Object.is(part, -0));
    return isOdd ? `${Object.is(part, -0) ? "−0" : part}` : part;
  });
}
