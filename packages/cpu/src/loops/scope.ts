import type { Affine, AxisSet, Expr } from "@steelyard/compiler";
import { flatten, types, type Code, type Local, type Locals } from "../assembler/assembler.ts";
import { positionIn, type Frame, type Place, type Position } from "./nest.ts";

/** What stays the same through one emitted function. */
export interface Emitter {
  readonly locals: Locals;
  /** The address of each buffer. */
  readonly buffers: readonly Local[];
  /** The runtime numbers, in all lanes. */
  readonly numbers: readonly Code[];
  readonly once: Once;
  readonly axesOf: (expr: Expr) => AxisSet;
}

/** What depends on the runtime numbers alone. It is set at the head of the code, where `code` stands. */
export interface Once {
  /** A vector made of numbers. */
  readonly of: (value: Code) => Code;
  /**
   * Whether what is emitted need not be right for numbers that set a lane of this mask: where they do, the function runs
   * other code, in which nothing is ruled out.
   */
  readonly ruledOut: (mask: Code) => boolean;
  readonly code: Code;
}

/** The masks that were ruled out, each once. */
export type Exceptions = Map<string, Code>;

/** @see Once; `exceptions` takes the masks, null: nothing may be ruled out. */
export function once(locals: Locals, exceptions: Exceptions | null = null): Once {
  const made = new Map<string, Code>();
  const code: Code[] = [];
  return {
    code,
    of(value) {
      const key = flatten(value).join();
      const found = made.get(key);
      if (found !== undefined) return found;
      const local = locals.addLasting(types.v128);
      code.push(local.set(value));
      made.set(key, local.get);
      return local.get;
    },
    ruledOut(mask) {
      exceptions?.set(flatten(mask).join(), mask);
      return exceptions !== null;
    },
  };
}

/**
 * The points that are computed together: `vectors` vectors of four lanes, of which the first `lanes` count. What the
 * others hold is never stored or added up, so they may read whatever lies behind a buffer.
 */
export interface Turn {
  readonly vectors: number;
  readonly lanes: number;
  /** The axis along which lanes lie; null: there is one point, or the same in all lanes. */
  readonly axis: number | null;
  /** The axis along which the vectors follow each other, and by how many points. */
  readonly along: number | null;
  readonly stride: number;
}

/** One point, its value in all lanes. */
export const onePoint: Turn = { vectors: 1, lanes: 1, axis: null, along: null, stride: 0 };

/** The values of an expression: one vector for each of the turn, or a single one where they are all the same. */
export type Vectors = readonly Code[];

/** A stretch of straight code at one point of the nest: what was computed in it and around it is there to be used. */
export interface Scope {
  readonly emitter: Emitter;
  readonly outer: Scope | null;
  readonly turn: Turn;
  readonly frame: Frame;
  /** Where values may be read: everywhere (null), or only in the lanes of these masks. */
  readonly mask: Vectors | null;
  readonly values: Map<Expr, Vectors>;
  /** The results of the kernel's reductions. */
  readonly accumulators: readonly Vectors[];
  /** The statements, in order. */
  readonly code: Code[];
}

export function outermost(emitter: Emitter, turn: Turn, frame: Frame): Scope {
  return { emitter, outer: null, turn, frame, mask: null, values: new Map(), accumulators: [], code: [] };
}

/** Code of its own inside another: `changes` says how it differs. */
export function inside(outer: Scope, changes: Partial<Pick<Scope, "turn" | "frame" | "accumulators">>): Scope {
  return { ...outer, ...changes, outer, values: new Map(), code: [] };
}

/** The same stretch of code, of values that may be read in the lanes of a mask only. */
export function masked(outer: Scope, mask: Vectors): Scope {
  return { ...outer, mask, outer, values: new Map() };
}

/** What is known of an expression here or further out. */
export function known(scope: Scope, expr: Expr): Vectors | undefined {
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    const values = at.values.get(expr);
    if (values !== undefined) return values;
  }
  return undefined;
}

/** Computes a vector now; the code returned reads it. */
export function keep({ emitter, code }: Scope, value: Code): Code {
  const local = emitter.locals.add(types.v128);
  code.push(local.set(value));
  return local.get;
}

/** As `keep`, for an address or a whole number. */
export function keepWord({ emitter, code }: Scope, value: Code): Code {
  const local = emitter.locals.add(types.i32);
  code.push(local.set(value));
  return local.get;
}

/** The vector of this number. */
export function nth(vectors: Vectors, j: number): Code {
  return vectors.length === 1 ? vectors[0]! : vectors[j]!;
}

/** A vector for each of the turn where the operands differ among its vectors, else one. */
export function eachVector(operands: readonly Vectors[], make: (j: number) => Code): Vectors {
  const count = Math.max(1, ...operands.map(({ length }) => length));
  return Array.from({ length: count }, (_, j) => make(j));
}

/** How far a place moves from one lane to the next and from one vector to the next, in elements. */
export function stepsOf({ coefficients }: Affine, { axis, along, stride }: Turn): { lane: number; vector: number } {
  return {
    lane: axis === null ? 0 : coefficients[axis]!,
    vector: along === null ? 0 : coefficients[along]! * stride,
  };
}

/** The address of a place, or the value of an index, for the first lane of the first vector. */
export function positionOf({ frame }: Scope, place: Place): Position {
  return positionIn(frame, place);
}
