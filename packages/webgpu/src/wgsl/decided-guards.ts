import { rangeOf, rewriting, type Expr, type Guard } from "@steelyard/compiler";

/**
 * Leaves out of expressions over axes of these sizes the guards that always hold, and what is guarded where one never
 * does. A load that is left in may be a constant place outside of a buffer, which is an error in WGSL.
 */
export function withDecidedGuards(sizes: readonly number[]): (expr: Expr) => Expr {
  const decide = (expr: Expr): Expr => {
    if (expr.kind !== "guarded") return expr;
    const verdicts = expr.guards.map((guard) => verdictOn(guard, sizes));
    if (verdicts.includes("never")) return decide(expr.otherwise);
    const guards = expr.guards.filter((_, i) => verdicts[i] === "sometimes");
    if (guards.length === 0) return decide(expr.value);
    return guards.length === expr.guards.length ? expr : { ...expr, guards };
  };
  return rewriting(decide);
}

function verdictOn({ index, size }: Guard, sizes: readonly number[]): "always" | "sometimes" | "never" {
  const [low, high] = rangeOf(index, sizes);
  if (high < 0 || low >= size) return "never";
  return low >= 0 && high < size ? "always" : "sometimes";
}
