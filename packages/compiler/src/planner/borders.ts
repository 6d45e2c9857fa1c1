import { operandPadding } from "../contraction/lower.ts";
import type { Target } from "../target.ts";
import type { Value } from "./graph.ts";
import type { Border } from "./maps.ts";

/** The widest border that the contractions reading each value ask for. */
export function bordersOf(values: readonly Value[], target: Target): Map<Value, Border> {
  const borders = new Map<Value, Border>();
  for (const { kind, instruction, inputs } of values) {
    if (kind !== "contraction") continue;
    const specs = inputs.map((input) => input.instruction);
    operandPadding(instruction, specs, target).forEach((border, i) => {
      if (border === null) return;
      const operand = inputs[i]!;
      const known = borders.get(operand);
      borders.set(operand, known === undefined ? border : widest(known, border));
    });
  }
  return borders;
}

function widest(a: Border, b: Border): Border {
  return { low: larger(a.low, b.low), high: larger(a.high, b.high) };
}

function larger(a: readonly number[], b: readonly number[]): number[] {
  return a.map((n, axis) => Math.max(n, b[axis]!));
}
