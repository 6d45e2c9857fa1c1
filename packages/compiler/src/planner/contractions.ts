import { sizeOf } from "@steelyard/core";
import type { Affine } from "../affine.ts";
import { lowerContraction } from "../contraction/lower.ts";
import type { Expr } from "../ir.ts";
import type { Companion, Epilogue } from "../lowered.ts";
import { rowMajor } from "../view.ts";
import { ExpressionBuilder, Operands, type Location } from "./expressions.ts";
import type { Value } from "./graph.ts";
import { runSteps } from "./lowered-steps.ts";
import { axesOf, borderedCopy, storeMap, type Border } from "./maps.ts";
import type { PlanBuilder } from "./plan-builder.ts";
import { indicesBefore } from "./reshape-indices.ts";
import { operandOf } from "./views.ts";

/**
 * Stores what a contraction gives; or, when an epilogue is fused, the map that is all that is made of it, with a border if
 * it becomes a loop of its own.
 */
export function storeContraction(
  plan: PlanBuilder,
  contraction: Value,
  target: Value,
  borders: ReadonlyMap<Value, Border>,
  border: Border | null,
): void {
  const { instruction } = contraction;
  const fused = target === contraction ? null : epilogueOf(plan, contraction, target);
  if (target !== contraction && fused === null) {
    storeContraction(plan, contraction, contraction, borders, null);
    return storeMap(plan, target, border);
  }
  const operands = contraction.inputs.map((input) => operandLocation(plan, input, borders));
  const views = operands.map(({ view }) => view);
  const out = rowMajor(instruction.shape);
  const lowered = lowerContraction(instruction, views, out, fused?.epilogue ?? null, plan.target);
  const { shape, dtype } = target.instruction;
  const buffer = plan.buffer(sizeOf(shape), dtype);
  const ins = operands.map((operand) => operand.buffer);
  runSteps(plan, lowered, { ins, companions: fused?.companions ?? [], out: buffer, numbers: fused?.numbers ?? [] });
  plan.settle(target, { buffer, view: rowMajor(shape) });
}

/** Where an operand lies, with the zeros around it that it needs. */
function operandLocation(plan: PlanBuilder, operand: Value, borders: ReadonlyMap<Value, Border>): Location {
  const border = borders.get(operand);
  if (border === undefined) return operandOf(operand, plan.locate);
  let location = plan.bordered.get(operand);
  if (location === undefined) plan.bordered.set(operand, (location = borderedCopy(plan, operand, border)));
  return location;
}

/** An epilogue that reads what it reads at the element's own place. */
interface Fused {
  readonly epilogue: Epilogue;
  /** The plan's buffers of the companions. */
  readonly companions: readonly number[];
  readonly numbers: readonly number[];
}

/** Longer or slower expressions are better loops of their own than many copies within a register tile. */
const longest = 12;
const mostCompanions = 4;
// prettier-ignore
const quick = new Set([
  "add", "sub", "mul", "maximum", "minimum", "relu", "neg", "abs", "square", "greater", "greaterEqual", "less", "lessEqual",
  "equal", "notEqual", "and", "or", "not",
]);

/** The map as an epilogue of the contraction; null when it is none for a register tile. */
function epilogueOf(plan: PlanBuilder, contraction: Value, target: Value): Fused | null {
  const { shape } = contraction.instruction;
  const operands = new Operands();
  const expressions = new ExpressionBuilder(shape, operands, plan.locate, new Map([[contraction, 0]]));
  const indices = indicesBefore(target.instruction.shape, shape, axesOf(shape), shape.length);
  if (indices === null) return null;
  const expr = expressions.compute(target, indices);
  const loads: Extract<Expr, { kind: "load" }>[] = [];
  // A kernel has both operands and its result beside them.
  if (!isQuick(expr, loads, Math.min(mostCompanions, (plan.target.buffers ?? Infinity) - 3))) return null;
  const companions = loads.map(({ at, dtype }): Companion => {
    return { view: { shape, start: at.constant, steps: at.coefficients }, dtype };
  });
  return {
    epilogue: {
      companions,
      numbers: operands.numberTypes,
      expr: (places, first) => placed(expr, loads, places, first),
    },
    companions: loads.map(({ buffer }) => operands.buffers[buffer]!),
    numbers: operands.numbers,
  };
}

/** Collects the loads of an expression; false if it holds what no register tile should, or too many of them. */
function isQuick(expr: Expr, loads: Expr[], mostLoads: number): boolean {
  const seen = new Set<Expr>();
  const visit = (part: Expr): boolean => {
    if (seen.has(part)) return true;
    if (seen.add(part).size > longest) return false;
    switch (part.kind) {
      case "load":
        return loads.push(part) <= mostLoads;
      case "call":
        return quick.has(part.name) && part.args.every(visit);
      case "where":
        return visit(part.condition) && visit(part.yes) && visit(part.no);
      default:
        return part.kind === "accumulator" || part.kind === "number" || part.kind === "constant";
    }
  };
  return visit(expr);
}

/** The expression with its loads at the places they have in a kernel of the contraction. */
function placed(expr: Expr, loads: readonly Expr[], places: readonly Affine[], first: number): Expr {
  const done = new Map<Expr, Expr>();
  const rewrite = (part: Expr): Expr => {
    switch (part.kind) {
      case "load": {
        const i = loads.indexOf(part);
        return { ...part, buffer: first + i, at: places[i]! };
      }
      case "call":
        return { ...part, args: part.args.map(visit) };
      case "where":
        return { ...part, condition: visit(part.condition), yes: visit(part.yes), no: visit(part.no) };
      default:
        return part;
    }
  };
  const visit = (part: Expr): Expr => {
    const known = done.get(part) ?? rewrite(part);
    done.set(part, known);
    return known;
  };
  return visit(expr);
}
