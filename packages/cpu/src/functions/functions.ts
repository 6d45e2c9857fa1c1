import type { Code, Locals } from "../assembler/assembler.ts";
import { exp, expm1, sigmoid, tanh } from "./exponentials.ts";
import { erf } from "./error-function.ts";
import { log, log1p, softplus } from "./logarithms.ts";
import { pow, rsqrt } from "./powers.ts";
import { mod } from "./remainder.ts";
import { cos, sin } from "./trigonometry.ts";

/** A function on four f32 at once: the code of its value, from that of its operands, each of which is used once. */
export type FloatFunction = (locals: Locals, ...operands: Code[]) => Code;

/**
 * The functions that WebAssembly has no instruction for, by their names in core's tables.
 *
 * Their errors are given in units of u·max(|y|, 2⁻¹²⁶), where u = 2⁻²⁴ and y is the exact value: below the normal numbers
 * the floats get no denser. They were measured on every f32 where the error is largest (from 2⁻⁶ to 4 for erf, say), and on
 * every eighth of the others. All stay within half of what core's tables allow; and they use no fused multiply-add, so that
 * every machine computes the same bits.
 */
export const floatFunctions: Readonly<Record<string, FloatFunction>> = {
  exp: unary(exp),
  expm1: unary(expm1),
  log: unary(log),
  log1p: unary(log1p),
  tanh: unary(tanh),
  sigmoid: unary(sigmoid),
  softplus: unary(softplus),
  sin: unary(sin),
  cos: unary(cos),
  erf: unary(erf),
  rsqrt: unary(rsqrt),
  pow: binary(pow),
  mod: binary(mod),
};

function unary(of: (locals: Locals, x: Code) => Code): FloatFunction {
  return (locals, x) => of(locals, x);
}

function binary(of: (locals: Locals, x: Code, y: Code) => Code): FloatFunction {
  return (locals, x, y) => of(locals, x, y);
}
