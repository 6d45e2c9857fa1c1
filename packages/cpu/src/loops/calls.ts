import { isFloat, type DType } from "@steelyard/core";
import { invariant } from "@steelyard/core";
import type { Code, Locals } from "../assembler/assembler.ts";
import { floatFunctions } from "../functions/functions.ts";
import { roundToHalf } from "../functions/half.ts";
import { booleans } from "./boolean-calls.ts";
import { floats } from "./float-calls.ts";
import { signedIntegers, unsignedIntegers } from "./integer-calls.ts";
import type { Once } from "./scope.ts";

/** An operand of a scalar function: a vector in a local. */
export interface Operand {
  readonly get: Code;
  /** Its number where the kernel knows it. */
  readonly constant: number | null;
  /** The same in all lanes. */
  readonly uniform: boolean;
  /** Of a runtime number: where what is made of it alone is computed. Null for all others. */
  readonly once: Once | null;
}

/** A scalar function of core's tables on four lanes of one dtype; truth values are masks. */
export type Call = (locals: Locals, a: Operand, b: Operand) => Code;

// What cannot leave f16 when its operands are f16 needs no rounding.
const exactInHalf = new Set(["neg", "abs", "sign", "relu", "floor", "ceil", "round", "maximum", "minimum"]);

/** A function by the name of its row, applied to operands of a dtype. */
export function callCode(locals: Locals, name: string, operandType: DType, operands: readonly Operand[]): Code {
  const [a, b = a] = operands as readonly [Operand, Operand?];
  const own = tableOf(operandType)[name];
  if (own === undefined) {
    const shared = floatFunctions[name];
    invariant(isFloat(operandType) && shared !== undefined, `no code for ${name} of ${operandType}`);
    return rounded(locals, name, operandType, shared(locals, ...operands.map(({ get }) => get)));
  }
  return rounded(locals, name, operandType, own(locals, a, b));
}

function tableOf(dtype: DType): Readonly<Record<string, Call>> {
  if (isFloat(dtype)) return floats;
  if (dtype === "bool") return booleans;
  return dtype === "i32" ? signedIntegers : unsignedIntegers;
}

const comparisons = new Set(["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"]);

function rounded(locals: Locals, name: string, dtype: DType, code: Code): Code {
  return dtype === "f16" && !exactInHalf.has(name) && !comparisons.has(name) ? roundToHalf(locals, code) : code;
}
