import type { Code, Locals } from "../assembler/assembler.ts";
import { exp, expm1, sigmoid, tanh } from "./exponentials.ts";
import { log, log1p, softplus } from "./logarithms.ts";

/** A function on four f32 at once: the code of its value, from that of its operands, each of which is used once. */
export type FloatFunction = (locals: Locals, ...operands: Code[]) => Code;

/** The functions that WebAssembly has no instruction for, by their names in core's tables. */
export const floatFunctions: Readonly<Record<string, (locals: Locals, ...operands: Code[]) => Code>> = {
  exp: unary(exp),
  expm1: unary(expm1),
  log: unary(log),
  log1p: unary(log1p),
  tanh: unary(tanh),
  sigmoid: unary(sigmoid),
  softplus: unary(softplus),
};

function unary(of: (locals: Locals, x: Code) => Code): FloatFunction {
  return (locals, x) => of(locals, x!);
}
