import { f32x4, f64x2, i32x4, types, type Code, type Locals } from "../assembler/assembler.ts";

/** The code of a formula on vectors, written line by line: each line names a value, and the last one is the result. */
export interface Formula {
  /** Computes a value once; what is returned reads it, as often as one likes. */
  readonly keep: (value: Code) => Code;
  /** A line that names nothing, as a condition with its consequences. */
  readonly line: (statement: Code) => void;
  /** The number in all four f32, set once at the head of the function. */
  readonly float: (value: number) => Code;
  /** The number in both f64. */
  readonly double: (value: number) => Code;
  /** The bits in all four i32. */
  readonly bits: (value: number) => Code;
  /** The code of all lines, leaving this value. */
  readonly result: (value: Code) => Code;
}

/** Starts a formula with locals of this function. */
export function formula(locals: Locals): Formula {
  const lines: Code[] = [];
  return {
    keep(value) {
      const local = locals.add(types.v128);
      lines.push(local.set(value));
      return local.get;
    },
    line(statement) {
      lines.push(statement);
    },
    float: (value) => locals.constant(f32x4.const(value, value, value, value)),
    double: (value) => locals.constant(f64x2.const(value, value)),
    bits: (value) => locals.constant(i32x4.const(value, value, value, value)),
    result: (value) => [lines, value],
  };
}

/**
 * c₀ + c₁x + c₂x² + …, by Horner's rule in f32. A product and a sum are rounded each: a fused multiply-add would be one
 * instruction less but give other bits on other machines.
 */
export function polynomial({ float }: Formula, x: Code, coefficients: readonly number[]): Code {
  return coefficients.reduceRight<Code>(
    (sum, coefficient) => (sum.length === 0 ? float(coefficient) : f32x4.add(f32x4.mul(sum, x), float(coefficient))),
    [],
  );
}

/** The same in f64. */
export function doublePolynomial({ double }: Formula, x: Code, coefficients: readonly number[]): Code {
  return coefficients.reduceRight<Code>(
    (sum, coefficient) => (sum.length === 0 ? double(coefficient) : f64x2.add(f64x2.mul(sum, x), double(coefficient))),
    [],
  );
}
