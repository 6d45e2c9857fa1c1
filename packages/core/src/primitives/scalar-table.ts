import type { DType } from "../dtype.ts";
import type { Tensor } from "../tensor.ts";

/** An interval from which the tests draw operands; it may hold kinks, which random numbers miss. */
export type Domain = readonly [number, number];

interface RowBase {
  readonly name: string;
  /** "number" is everything but bool, "bits" is i32, u32 and bool. Left out: "float". */
  readonly accepts?: "float" | "number" | "bits" | "any";
  /** The dtype of the result: that of the operands (left out), or bool. */
  readonly result?: "bool";
  /** Rounding error of one evaluation, in units of roundoff relative to the result: 0 exact, 1 correctly rounded. */
  readonly units: number;
}

/**
 * A map R → R, described once. `at` is the value and `vjp` the rule, in tensor operations, which autograd follows.
 * `slope` and `curve` are f′ and f″ in plain numbers: an independent statement of the same calculus, which the dual
 * algebras use and against which the tests hold the rule. A row without them is piecewise constant: nothing flows.
 */
export interface UnaryRow extends RowBase {
  readonly arity: 1;
  readonly at: (x: number) => number;
  /** The value on i32 and u32, where it differs from `at` and a wrapping store. */
  readonly integer?: (x: number) => number;
  readonly slope?: (x: number) => number;
  readonly curve?: (x: number) => number;
  readonly vjp?: (dy: Tensor, x: Tensor, y: Tensor) => Tensor;
  readonly domain: Domain;
  readonly linearIn?: readonly number[];
}

/** A map R² → R: the same with the partial derivatives [f_a, f_b] and [f_aa, f_ab, f_bb]. */
export interface BinaryRow extends RowBase {
  readonly arity: 2;
  readonly at: (a: number, b: number) => number;
  readonly integer?: (a: number, b: number) => number;
  readonly slopes?: (a: number, b: number) => readonly [number, number];
  readonly curves?: (a: number, b: number) => readonly [number, number, number];
  readonly vjp?: (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor];
  readonly domains: readonly [Domain, Domain];
  readonly linearIn?: readonly number[];
}

/** A scalar function applied to every element. */
export type ScalarRow = UnaryRow | BinaryRow;

/** The value function of a row for operands of a dtype; the store into the result's host array does the wrapping. */
export function valueOf<R extends ScalarRow>(row: R, dtype: DType): R["at"] {
  return dtype === "i32" || dtype === "u32" ? (row.integer ?? row.at) : row.at;
}
