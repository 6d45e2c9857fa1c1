import type { DType } from "@steelyard/core";
import type { Affine } from "./affine.ts";

// The kernel IR: what a device prints or emits. Plain data that knows neither WGSL nor WebAssembly.
//
// A kernel runs over a *space*, a list of axis sizes, and reads and writes *buffers* by their position in its list. Where
// it reads is affine in the axes: a_0·i_0 + a_1·i_1 + … + constant, in elements. Shapes and steps are constants of the
// kernel; addresses and runtime numbers are its arguments, so two layers of one shape are one kernel. A buffer that is
// stored into overlaps no other one.

/** Holds where 0 ≤ index < size. */
export interface Guard {
  readonly index: Affine;
  readonly size: number;
}

/**
 * A scalar expression over the axes of a kernel. `dtype` is that of the value. Equal sub-expressions of one kernel are
 * one object, so that identity finds what is computed once.
 */
export type Expr =
  | { readonly kind: "constant"; readonly dtype: DType; readonly value: number }
  /** A runtime number: position in the kernel's `numbers`. */
  | { readonly kind: "number"; readonly dtype: DType; readonly position: number }
  /** The value of an index itself. */
  | { readonly kind: "index"; readonly dtype: DType; readonly index: Affine }
  | { readonly kind: "load"; readonly dtype: DType; readonly buffer: number; readonly at: Affine }
  /**
   * A load whose place is computed: at + index · step where 0 ≤ index < size, and 0 elsewhere.
   */
  | {
      readonly kind: "lookup";
      readonly dtype: DType;
      readonly buffer: number;
      readonly at: Affine;
      readonly index: Expr;
      readonly step: number;
      readonly size: number;
    }
  /** What a reduction or contraction gave, in an epilogue: position in the kernel's `accumulators`. */
  | { readonly kind: "accumulator"; readonly dtype: DType; readonly position: number }
  /** A scalar function of core's tables, by the name of its row; operands have one dtype. */
  | { readonly kind: "call"; readonly dtype: DType; readonly name: string; readonly args: readonly Expr[] }
  | { readonly kind: "where"; readonly dtype: DType; readonly condition: Expr; readonly yes: Expr; readonly no: Expr }
  | { readonly kind: "cast"; readonly dtype: DType; readonly value: Expr }
  /**
   * `value` where all guards hold, `otherwise` elsewhere. Loads inside `value` are inside their buffers only where the
   * guards hold. A guard wraps the whole expression: what is padded is the result of a function, never its operands.
   */
  | {
      readonly kind: "guarded";
      readonly dtype: DType;
      readonly guards: readonly Guard[];
      readonly value: Expr;
      readonly otherwise: Expr;
    };

/** What a kernel leaves: `expr` stored at `at`, an affine place over the space without the reduced axes. */
export interface Store {
  readonly buffer: number;
  readonly at: Affine;
  readonly expr: Expr;
}

/**
 * How values along the reduced axes become one, in the order of the axes, the last one fastest. "choose" keeps the `value`
 * that stands where `expr` is largest (or with `least` smallest): the first of equals, and a NaN before all numbers.
 * "max" and "min" likewise give NaN when there is one. With no values at all: 0, 1, −∞, ∞ and 0.
 */
export type Accumulator =
  | { readonly op: "sum" | "prod" | "max" | "min"; readonly dtype: DType; readonly expr: Expr }
  | {
      readonly op: "choose";
      readonly dtype: DType;
      readonly expr: Expr;
      readonly least: boolean;
      readonly value: Expr;
    };

/** A map or a reduction: for each point of `space`, accumulate over `reduced`, then store. */
export interface LoopKernel {
  readonly kind: "loop";
  /** For people: the operations in it. Not part of what is emitted. */
  readonly name: string;
  readonly space: readonly number[];
  /** Sizes of the axes that are reduced; in an accumulator's expressions they follow those of the space. */
  readonly reduced: readonly number[];
  readonly accumulators: readonly Accumulator[];
  /** Their expressions are over the space alone and may read the accumulators. */
  readonly stores: readonly Store[];
  /** The dtypes of the buffers it reads and writes; positions are what loads and stores name. */
  readonly buffers: readonly DType[];
  /** The dtypes of its runtime numbers. */
  readonly numbers: readonly DType[];
}

/** An axis that all of A, B and C may follow: so many elements from one index to the next. */
export interface OuterAxis {
  readonly size: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/**
 * C[outer, m, n] = epilogue(Σ_k A[outer, m, k] · B[outer, k, n]), in f32: every convolution and matrix product. All three
 * operands are read and written in place by constant steps; the k axes are a nest, outermost first, such as filter row,
 * filter column, channel.
 *
 * Buffers: 0 is A, 1 is B, then what the epilogue reads, and the last is C.
 */
export interface ContractionKernel {
  readonly kind: "contraction";
  readonly name: string;
  readonly outer: readonly OuterAxis[];
  readonly m: { readonly size: number; readonly a: number; readonly c: number };
  /** One step along n is one element of C; b is 1 for a matrix that lies in rows. */
  readonly n: { readonly size: number; readonly b: number };
  readonly k: readonly { readonly size: number; readonly a: number; readonly b: number }[];
  /** Offsets of the first elements. */
  readonly start: { readonly a: number; readonly b: number; readonly c: number };
  /**
   * Over the axes [outer…, m, n]; "accumulator" 0 is the sum. Where each outer point is stored is `start.c` + steps.
   */
  readonly epilogue: Expr;
  readonly buffers: readonly DType[];
  readonly numbers: readonly DType[];
  readonly schedule: Schedule;
}

/**
 * How a contraction is computed. Any values give the same result for whole numbers; nothing has to divide anything.
 * Plain data: a device that tunes makes variants of it.
 */
export interface Schedule {
  /**
   * "rows": B is read where it lies. "panels": it has been copied into panels of `columns` columns, each k after k,
   * the last panel as wide as what is left, rounded up to 4 and filled with zeros; steps of B in the kernel are void.
   */
  readonly b: "rows" | "panels";
  /** Columns of one panel and of one register tile. */
  readonly columns: number;
}

export type Kernel = LoopKernel | ContractionKernel;
