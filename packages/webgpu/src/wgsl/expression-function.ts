import type { Expr } from "@steelyard/compiler";
import { expressionPrinter, type Surroundings } from "./expressions.ts";
import { valueType } from "./scalars.ts";
import { outermost } from "./scopes.ts";
import { indented } from "./text.ts";

/**
 * An expression as a function of the axes, which are i32, and of the results of reductions: `fn name(i0: i32, a0: f32) -> f32`.
 * For what is computed at many points of one invocation: its text then stands once.
 */
export function expressionFunction(name: string, expr: Expr, around: Surroundings): string {
  const { axes, accumulators } = around;
  const scope = outermost();
  const value = expressionPrinter(around, [{ expr, scope }]).value(expr, scope);
  const parameters = [...axes.map((axis) => `${axis}: i32`), ...accumulators.map((each) => `${each}: f32`)];
  return [
    `fn ${name}(${parameters.join(", ")}) -> ${valueType(expr.dtype)} {`,
    ...indented([...scope.lines, `return ${value};`]),
    "}",
  ].join("\n");
}
