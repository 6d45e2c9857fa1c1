import type { DType, Instruction } from "@steelyard/core";
import type { Affine } from "./affine.ts";
import type { Expr, Kernel } from "./ir.ts";
import type { View } from "./view.ts";

// What a primitive becomes: kernels in order, over its operands and some scratch memory. The planner binds the operands.

/** What has to be known of an instruction to lower it. `inputs` tells whether two operands are the same value. */
export type Lowerable = Pick<Instruction, "primitive" | "attrs" | "dtype" | "inputs">;

/** A buffer of a kernel: one of the instruction's inputs, of what the epilogue reads, of the scratch, or the output. */
export type Operand =
  { readonly kind: "in" | "companion" | "scratch"; readonly position: number } | { readonly kind: "out" };

/** One kernel, with what its buffers are, in the order of its list. Its numbers are the epilogue's, or none. */
export interface Step {
  readonly kernel: Kernel;
  readonly operands: readonly Operand[];
  /** Where each of the kernel's buffers begins within its operand, in elements; left out: at its start. */
  readonly offsets?: readonly number[];
}

/** Memory that the steps need for themselves, dense; dead after the last step. */
export interface Scratch {
  readonly elements: number;
  readonly dtype: DType;
}

/** Run in order, the steps write every element of the output exactly once. Without elements there are no steps. */
export interface Lowered {
  readonly steps: readonly Step[];
  readonly scratch: readonly Scratch[];
}

/** A stored value that an epilogue reads, as a view over the axes of the output: a step of 0 where it stands still. */
export interface Companion {
  readonly view: View;
  readonly dtype: DType;
}

/** What is done to every element before it is stored: an expression of it and of companions. */
export interface Epilogue {
  readonly companions: readonly Companion[];
  /** The dtypes of the runtime numbers it reads. */
  readonly numbers: readonly DType[];
  /**
   * The expression over the axes of a kernel, which are sizes of `space`. "accumulator" 0 is the element, an f32 also
   * where the instruction's dtype is f16 (cast it); companion i lies at `places[i]` in buffer `first` + i. Called
   * once for each kernel that stores to the output.
   */
  readonly expr: (places: readonly Affine[], first: number, space: readonly number[]) => Expr;
}

export const out: Operand = { kind: "out" };
export const input = (position: number): Operand => ({ kind: "in", position });
export const scratch = (position: number): Operand => ({ kind: "scratch", position });
