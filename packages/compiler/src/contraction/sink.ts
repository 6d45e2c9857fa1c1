import { invariant, type DType } from "@steelyard/core";
import type { Affine } from "../affine.ts";
import type { Expr } from "../ir.ts";
import {
  input,
  out,
  scratch,
  type Epilogue,
  type Lowerable,
  type Operand,
  type Scratch,
  type Step,
} from "../lowered.ts";
import type { Target } from "../target.ts";

/** What lowering one instruction carries along: what it is for, and the steps and scratch that there are so far. */
export interface Lowering {
  readonly name: string;
  readonly target: Target;
  /** The dtype of both inputs, and of the result before the epilogue. */
  readonly dtype: DType;
  readonly epilogue: Epilogue | null;
  readonly steps: Step[];
  readonly scratch: Scratch[];
}

export function loweringOf({ primitive, dtype }: Lowerable, epilogue: Epilogue | null, target: Target): Lowering {
  return { name: primitive!.name, target, dtype, epilogue, steps: [], scratch: [] };
}

/** A source of a kernel: one of the inputs, or scratch. */
export interface Source {
  readonly operand: Operand;
  readonly dtype: DType;
}

/** New scratch memory. */
export function scratchSource({ scratch: list }: Lowering, elements: number, dtype: DType): Source {
  return { operand: scratch(list.push({ elements, dtype }) - 1), dtype };
}

export const inputSource = ({ dtype }: Lowering, position: number): Source => ({ operand: input(position), dtype });

/** Where a kernel's results go and what happens to them on the way. */
export interface Sink {
  readonly expr: Expr;
  /** All buffers of the kernel: its sources, the companions, and last where it stores. */
  readonly buffers: readonly DType[];
  readonly operands: readonly Operand[];
  readonly numbers: readonly DType[];
}

const accumulated: Expr = { kind: "accumulator", dtype: "f32", position: 0 };

/** The axes of a kernel with the steps of the companions along each of them, and where the companions begin. */
export interface SinkSpace {
  readonly axes: readonly { readonly size: number; readonly beside: readonly number[] }[];
  readonly starts: readonly number[];
}

/** To the output, through the epilogue. */
export function outputSink(
  { epilogue, dtype }: Lowering,
  sources: readonly Source[],
  { axes, starts }: SinkSpace,
): Sink {
  const first = sources.length;
  const places = starts.map((constant, i): Affine => ({
    constant,
    coefficients: axes.map(({ beside }) => beside[i]!),
  }));
  const sum: Expr = dtype === "f32" ? accumulated : { kind: "cast", dtype, value: accumulated };
  const expr =
    epilogue === null
      ? sum
      : epilogue.expr(
          places,
          first,
          axes.map(({ size }) => size),
        );
  const companions = epilogue?.companions ?? [];
  return {
    expr,
    buffers: [...sources.map((source) => source.dtype), ...companions.map((one) => one.dtype), expr.dtype],
    operands: [
      ...sources.map(({ operand }) => operand),
      ...companions.map((_, position): Operand => ({ kind: "companion", position })),
      out,
    ],
    numbers: epilogue?.numbers ?? [],
  };
}

/** To scratch memory, sums as they are. */
export function scratchSink(sources: readonly Source[], { operand }: Source): Sink {
  return {
    expr: accumulated,
    buffers: [...sources.map(({ dtype }) => dtype), "f32"],
    operands: [...sources.map((source) => source.operand), operand],
    numbers: [],
  };
}

/** start + Σ steps[i] · i-th axis, in a space of `rank` axes that begins with these. */
export function placeAt(start: number, steps: readonly number[], rank: number): Affine {
  invariant(steps.length <= rank, "an axis outside the space");
  return { constant: start, coefficients: [...steps, ...new Array<number>(rank - steps.length).fill(0)] };
}
