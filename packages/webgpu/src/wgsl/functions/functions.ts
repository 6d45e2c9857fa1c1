import type { DType } from "@steelyard/core";
import { invariant } from "@steelyard/core";
import { arithmetic } from "./arithmetic.ts";
import { calls } from "./calls.ts";
import { choices } from "./choices.ts";
import type { Declarations } from "./declarations.ts";
import { errorFunction } from "./error-function.ts";
import { exponentials } from "./exponentials.ts";
import { floatBits } from "./float-bits.ts";
import { integers } from "./integers.ts";
import { logarithms } from "./logarithms.ts";
import { powers } from "./powers.ts";
import { remainder } from "./remainder.ts";
import { trigonometry } from "./trigonometry.ts";

/**
 * All functions of this library, by their names.
 *
 * Their errors are given in units of u·max(|y|, 2⁻¹²⁶), where u = 2⁻²⁴ and y is the exact value, as measured on two software
 * adapters, on 2²⁴ floats. They take for granted that sums and products are rounded once, or several of them together; and
 * of quotients of ordinary numbers that they are within 2.5 units in the last place, as WGSL says. (Where they really are
 * so far off, sigmoid and tanh may err by 4u more.) An adapter may take subnormal numbers for zeros: they count as 0 in
 * sums, products and erf then, and results may be 0 that are subnormal, but quotients, roots, logarithms and comparisons
 * of subnormal numbers are right.
 */
export const declarations: Declarations = {
  ...floatBits,
  ...choices,
  ...arithmetic,
  ...remainder,
  ...exponentials,
  ...logarithms,
  ...errorFunction,
  ...trigonometry,
  ...powers,
  ...integers,
};

/**
 * A map of core's tables, applied to operands of a dtype. f16 is computed in f32 and not rounded; a bool is a `bool`.
 * Each operand's text is in the result once, and the result needs no parentheses around it.
 */
export function callText(name: string, dtype: DType, operands: readonly string[]): string {
  const computed = dtype === "f16" ? "f32" : dtype;
  invariant(computed !== "f64", "f64 is never printed as WGSL");
  const call = calls[computed][name];
  invariant(call !== undefined, `there is no ${name} of ${dtype} in WGSL`);
  return call(...operands);
}

/**
 * The declarations of these functions and of all that they call, in the order of this library. Names it does not know are
 * left out. Where `zero_bits` occurs, the module has to declare it: `var<private> zero_bits: u32 = 0u;`.
 */
export function functionTexts(names: Iterable<string>): string {
  const needed = new Set<string>();
  const visit = (name: string): void => {
    const text = declarations[name];
    if (text === undefined || needed.has(name)) return;
    needed.add(name);
    for (const [word] of text.matchAll(/\b[A-Za-z]\w*/gu)) visit(word);
  };
  for (const name of names) visit(name);
  return Object.keys(declarations)
    .filter((name) => needed.has(name))
    .map((name) => declarations[name])
    .join("\n\n");
}
