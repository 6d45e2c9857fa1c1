import type { Accumulator } from "@steelyard/compiler";
import { isFloat, type DType } from "@steelyard/core";
import { f32x4, i32x4, types, v128, type Code, type Local, type Locals } from "../assembler/assembler.ts";
import { roundToHalf } from "../functions/half.ts";
import { constantVector } from "./casts.ts";
import { words } from "./memory.ts";
import { nth, type Vectors } from "./scope.ts";

// Reductions in progress. The running values are vectors in locals, one for each vector of a turn; if lanes lie along the
// reduced axis they are combined at the end, in an order that depends on shapes alone.

/** A reduction that is being computed. */
export interface Running {
  readonly open: Code;
  /** Takes in the values of a turn: of an accumulator's expression, and of its `value` if it chooses. */
  update(values: Vectors, kept: Vectors | null, count: number, lanes: number): Code;
  /** Closes a block: what was summed in it becomes one term. */
  readonly flush: Code;
  /** The results, by vector: per lane, or with all lanes and vectors combined. */
  close(): { readonly code: Code; readonly results: Vectors };
}

type Fold = "sum" | "prod" | "max" | "min";
type Combine = (a: Code, b: Code) => Code;

function combineOf(op: Fold, dtype: DType): Combine {
  const table = isFloat(dtype)
    ? { sum: f32x4.add, prod: f32x4.mul, max: f32x4.max, min: f32x4.min }
    : {
        sum: i32x4.add,
        prod: i32x4.mul,
        max: dtype === "u32" ? i32x4.maxU : i32x4.maxS,
        min: dtype === "u32" ? i32x4.minU : i32x4.minS,
      };
  return table[op];
}

/** What changes nothing, and is the result of nothing. */
function identityOf(op: Fold, dtype: DType): number {
  if (op === "sum" || op === "prod") return op === "sum" ? 0 : 1;
  if (isFloat(dtype)) return op === "max" ? -Infinity : Infinity;
  const [low, high] = dtype === "u32" ? [0, 0xffffffff] : [-0x80000000, 0x7fffffff];
  return op === "max" ? low : high;
}

/** What a reduction is computed in. */
export interface RunningShape {
  /** Vectors of a full turn. */
  readonly vectors: number;
  /** Whether lanes and vectors are terms of one reduction, or reductions of their own. */
  readonly combined: boolean;
  /** Whether terms are summed in blocks. */
  readonly blocked: boolean;
}

export function running(locals: Locals, accumulator: Accumulator, shape: RunningShape): Running {
  if (accumulator.op === "choose") return choosing(locals, accumulator, shape);
  const blocked = shape.blocked && accumulator.op === "sum" && isFloat(accumulator.dtype);
  return folding(locals, accumulator.op, accumulator.dtype, { ...shape, blocked });
}

function folding(locals: Locals, op: Fold, dtype: DType, { vectors, combined, blocked }: RunningShape): Running {
  const combine = combineOf(op, dtype);
  const identity = constantVector(locals, dtype, identityOf(op, dtype));
  // Single vectors, of the end of a row, go into one of their own: of two neighbours both are then computed alike, and
  // V8's revectorizer fuses them.
  const extra = combined && vectors > 1 ? 1 : 0;
  const parts = manyLocals(locals, vectors + extra);
  const totals = blocked ? manyLocals(locals, vectors + extra) : [];
  const fill = (to: readonly Local[]): Code => to.map((each) => each.set(identity));
  const partsOf = (count: number): readonly Local[] => (count === 1 ? parts.slice(-1) : parts.slice(0, count));
  return {
    open: [fill(parts), fill(totals)],
    update: (values, _, count, lanes) =>
      partsOf(count).map((part, j) => {
        const value = nth(values, j);
        const counted = lanes === 4 ? value : v128.bitselect(value, identity, firstLanes(locals, lanes));
        return part.set(combine(part.get, counted));
      }),
    flush: totals.map((total, j) => [total.set(combine(total.get, parts[j]!.get)), parts[j]!.set(identity)]),
    close() {
      const results = blocked ? totals : parts;
      const end = results.map((result, j) => (blocked ? result.set(combine(result.get, parts[j]!.get)) : []));
      const half = dtype === "f16" ? results.map((result) => result.set(roundToHalf(locals, result.get))) : [];
      if (!combined) return { code: [end, half], results: results.map(({ get }) => get) };
      const [first] = results as readonly [Local];
      const code = [end, acrossVectors(locals, results, combine), acrossLanes(first, combine)];
      return { code: [code, half[0] ?? []], results: [first.get] };
    },
  };
}

function manyLocals(locals: Locals, count: number): readonly Local[] {
  return Array.from({ length: count }, () => locals.add(types.v128));
}

function firstLanes(locals: Locals, lanes: number): Code {
  const [a, b, c, d] = [0, 1, 2, 3].map((k) => (k < lanes ? -1 : 0)) as [number, number, number, number];
  return locals.constant(i32x4.const(a, b, c, d));
}

/**
 * All vectors into the first: neighbours in pairs, then what they gave.
 *
 * V8's revectorizer looks for vectors to fuse from their ends: stores side by side, or two vectors that meet in an
 * addition of whole numbers. A reduction need not end in either, so neighbours are added as whole numbers, too, and
 * nothing of the sum is used.
 */
function acrossVectors(locals: Locals, vectors: readonly Local[], combine: Combine): Code {
  const zero = constantVector(locals, "i32", 0);
  const seeded = (a: Code, b: Code): Code => v128.or(combine(a, b), v128.and(i32x4.add(a, b), zero));
  return [pairwise(vectors, seeded), pairwise(everyOther(vectors), combine, true)];
}

const everyOther = (vectors: readonly Local[]): readonly Local[] => vectors.filter((_, j) => j % 2 === 0);

/** Each second vector into the one before it, and if asked for so on until one is left. */
function pairwise(vectors: readonly Local[], combine: Combine, on = false): Code {
  const pairs = everyOther(vectors).map((a, i) => {
    const b = vectors[2 * i + 1];
    return b === undefined ? [] : a.set(combine(a.get, b.get));
  });
  return on && vectors.length > 1 ? [pairs, pairwise(everyOther(vectors), combine, on)] : pairs;
}

/** All lanes of a vector into all of its lanes. */
function acrossLanes(vector: Local, combine: Combine): Code {
  const { get } = vector;
  return [vector.set(combine(get, words(get, get, 2, 3, 0, 1))), vector.set(combine(get, words(get, get, 1, 0, 3, 2)))];
}

type Choose = Extract<Accumulator, { op: "choose" }>;

/**
 * Keeps the value that stands where the key is best: lane by lane, in the order of the axes, so that the first of equals
 * stays. The very first is taken whatever it is; a NaN is taken unless there is one.
 */
function choosing(locals: Locals, { expr, least, dtype }: Choose, { vectors }: RunningShape): Running {
  const keys = manyLocals(locals, vectors);
  const chosen = manyLocals(locals, vectors);
  const fresh = locals.add(types.v128);
  const zero = constantVector(locals, "i32", 0);
  const better = betterOf(expr.dtype, least);
  const floats = isFloat(expr.dtype);
  const wins = locals.add(types.v128);
  const take = (to: Local, value: Code): Code => to.set(v128.bitselect(value, to.get, wins.get));
  return {
    open: [...keys, ...chosen].map((each) => each.set(zero)).concat([fresh.set(constantVector(locals, "i32", -1))]),
    update: (values, kept, count) => [
      keys.slice(0, count).map((key, j) => {
        const value = nth(values, j);
        const nan = floats ? v128.andnot(f32x4.ne(value, value), f32x4.ne(key.get, key.get)) : zero;
        const beats = v128.or(better(value, key.get), fresh.get);
        return [wins.set(floats ? v128.or(beats, nan) : beats), take(key, value), take(chosen[j]!, nth(kept!, j))];
      }),
      fresh.set(zero),
    ],
    flush: [],
    close() {
      const half = dtype === "f16" ? chosen.map((each) => each.set(roundToHalf(locals, each.get))) : [];
      return { code: half, results: chosen.map(({ get }) => get) };
    },
  };
}

function betterOf(dtype: DType, least: boolean): Combine {
  if (isFloat(dtype)) return least ? f32x4.lt : f32x4.gt;
  if (dtype === "u32" || dtype === "bool") return least ? i32x4.ltU : i32x4.gtU;
  return least ? i32x4.ltS : i32x4.gtS;
}
