import fc from "fast-check";
import type { Accumulator, Affine, Expr, Guard, LoopKernel, Store } from "@steelyard/compiler";
import { rangeOf } from "@steelyard/compiler";
import { deviceArray } from "@steelyard/compiler/testing";
import type { DType } from "@steelyard/core";

/** Draws values of arbitraries, so that a failing kernel is shrunk. */
type Draw = fc.GeneratorValue;

export interface RandomLoop {
  readonly kernel: LoopKernel;
  readonly buffers: (Float32Array | Int32Array | Uint32Array)[];
  readonly numbers: number[];
}

const dtypes: readonly DType[] = ["f32", "f16", "i32", "u32", "bool"];
const numeric: readonly DType[] = ["f32", "f16", "i32", "u32"];
const isFloat = (dtype: DType): boolean => dtype === "f32" || dtype === "f16";

// Functions whose f32 result is determined bit for bit, by the dtypes they take.
const floatMaps = ["neg", "abs", "sign", "sqrt", "square", "reciprocal", "relu", "floor", "ceil", "round"];
const wholeMaps = ["neg", "abs", "sign", "square", "relu", "not"];
const floatPairs = ["add", "sub", "mul", "div", "maximum", "minimum"];
const wholePairs = [...floatPairs, "mod", "and", "or", "xor", "shiftLeft", "shiftRight"];
const comparisons = ["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"];

function call(name: string, dtype: DType, args: readonly Expr[]): Expr {
  return { kind: "call", dtype, name, args };
}

function guardedBy(guards: readonly Guard[], value: Expr, otherwise: Expr): Expr {
  return { kind: "guarded", dtype: value.dtype, guards, value, otherwise };
}

/** Small whole numbers, or NaN: any order of adding or multiplying them gives the same. */
function tamed(expr: Expr, most: number): Expr {
  const { dtype } = expr;
  if (!isFloat(dtype)) return expr;
  const limit = (value: number): Expr => ({ kind: "constant", dtype, value });
  const atLeast = call("maximum", dtype, [call("round", dtype, [expr]), limit(-most)]);
  return call("minimum", dtype, [atLeast, limit(most)]);
}

/** A kernel of any shape, with accesses of any steps, guards, lookups, all dtypes, and reductions of whole numbers. */
export function randomLoop(draw: Draw, { guardedPercent = 10 }: { guardedPercent?: number } = {}): RandomLoop {
  const pick = <T>(items: readonly T[]): T => draw(fc.constantFrom, ...items) as T;
  const upTo = (max: number): number => draw(fc.nat, { max });
  const chance = (percent: number): boolean => upTo(99) < percent;
  const size = (): number => pick([1, 2, 3, 4, 5, 7, 8, 11, 16, 17, 33, ...(chance(3) ? [0] : [])]);
  const shape = (rank: number, most: number): number[] => {
    const sizes: number[] = [];
    for (let i = 0; i < rank; i++) {
      const next = size();
      if (sizes.reduce((n, s) => n * s, next) <= most) sizes.push(next);
    }
    return sizes;
  };
  const space = shape(upTo(4), 1500);
  const reducing = chance(50);
  const reduced = reducing ? shape(upTo(2), 100) : [];
  const buffers: { dtype: DType; length: number }[] = [];
  const numbers: DType[] = [];

  /** A layout of some axes: any order, with gaps, backwards, or not following an axis at all. */
  function placed(sizes: readonly number[], rank: number, broadcast: boolean): { at: Affine; length: number } {
    const coefficients = new Array<number>(rank).fill(0);
    const order = draw(
      fc.shuffledSubarray,
      sizes.map((_, i) => i),
      { minLength: sizes.length },
    );
    if (chance(60)) order.sort((a, b) => a - b);
    let step = chance(80) ? 1 : 2;
    for (const axis of order.toReversed()) {
      if (broadcast && chance(20)) continue;
      coefficients[axis] = chance(10) ? -step : step;
      step *= sizes[axis]!;
      if (chance(10)) step += 1 + upTo(3);
    }
    const [low, high] = sizes.includes(0) ? [0, -1] : rangeOf({ constant: 0, coefficients }, sizes);
    const constant = upTo(3) - low;
    return { at: { constant, coefficients }, length: constant + high + 1 + upTo(2) };
  }

  function bufferOf(dtype: DType, length: number): number {
    buffers.push({ dtype, length });
    return buffers.length - 1;
  }

  const truth = (below: (of: DType) => Expr): Expr => {
    if (chance(30)) return call("not", "bool", [below("bool")]);
    if (chance(40))
      return call(pick(["and", "or", "xor", "equal", "notEqual"]), "bool", [below("bool"), below("bool")]);
    const of = pick(numeric);
    return call(pick(comparisons), "bool", [below(of), below(of)]);
  };
  const scalar = (dtype: DType, below: (of: DType) => Expr): Expr => {
    const float = isFloat(dtype);
    if (chance(30)) return call(pick(float ? floatMaps : wholeMaps), dtype, [below(dtype)]);
    return call(pick(float ? floatPairs : wholePairs), dtype, [below(dtype), below(dtype)]);
  };

  /** Expressions over a space; made so that parts are shared. */
  function expressions(sizes: readonly number[]): (dtype: DType, depth: number) => Expr {
    const made: Expr[] = [];
    const pool: Guard[] = [];
    const rank = sizes.length;
    const load = (dtype: DType): Expr => {
      const { at, length } = placed(sizes, rank, true);
      return { kind: "load", dtype, buffer: bufferOf(dtype, length), at };
    };
    const leaf = (dtype: DType): Expr => {
      if (chance(60)) return load(dtype);
      if (chance(30) && rank > 0) {
        const coefficients = sizes.map(() => (chance(50) ? upTo(4) - 2 : 0));
        return { kind: "index", dtype, index: { constant: upTo(3), coefficients } };
      }
      if (chance(50))
        return { kind: "constant", dtype, value: dtype === "u32" || dtype === "bool" ? upTo(3) : upTo(6) - 3 };
      numbers.push(dtype);
      return { kind: "number", dtype, position: numbers.length - 1 };
    };
    /** A load that is inside its buffer only where guards hold. */
    const guarded = (dtype: DType, depth: number): Expr => {
      const axis = upTo(rank - 1);
      const factor = pick([1, 1, 1, -1, 2]);
      const coefficients = new Array<number>(rank).fill(0);
      coefficients[axis] = factor;
      const other = upTo(rank - 1);
      if (chance(30) && other !== axis) coefficients[other] = pick([1, -1]);
      // Now and then one that never holds, around a load from far away.
      const index = { constant: chance(10) ? pick([-5000, 5000]) : upTo(6) - 3, coefficients };
      const width = 1 + upTo(sizes[axis]!);
      const guards: Guard[] = [{ index, size: width }];
      if (pool.length > 0 && chance(40)) guards.push(pick(pool));
      pool.push(...guards);
      const rest = placed(sizes.with(axis, 1).with(other, other === axis ? 1 : sizes[other]!), rank, true);
      const step = chance(70) ? 1 : rest.length + 1;
      const stretch = step === 1 ? width : 1;
      const at = {
        constant: rest.at.constant * stretch + index.constant * step,
        coefficients: rest.at.coefficients.map((c, i) => c * stretch * (i === axis ? 0 : 1) + coefficients[i]! * step),
      };
      const buffer = bufferOf(dtype, rest.length * stretch + (width - 1) * step + 1);
      const inner: Expr = { kind: "load", dtype, buffer, at };
      const value = chance(30)
        ? guardedBy([pick(pool)], inner, leaf(dtype))
        : dtype === "bool"
          ? inner
          : call("maximum", dtype, [inner, leaf(dtype)]);
      return guardedBy(guards, value, chance(50) ? leaf(dtype) : expr(dtype, depth - 1));
    };
    const lookup = (dtype: DType, depth: number): Expr => {
      const { at, length } = placed(sizes, rank, true);
      const [step, count] = chance(50) ? [length, 1 + upTo(4)] : [1, 1 + upTo(4)];
      const buffer = bufferOf(dtype, length + step * (count - 1));
      return { kind: "lookup", dtype, buffer, at, index: expr(pick(["i32", "u32"]), depth - 1), step, size: count };
    };
    const compound = (dtype: DType, depth: number): Expr => {
      const below = (of: DType): Expr => expr(of, depth - 1);
      if (rank > 0 && !sizes.includes(0) && chance(guardedPercent)) return guarded(dtype, depth);
      const kind = upTo(8);
      if (kind === 0) return { kind: "where", dtype, condition: below("bool"), yes: below(dtype), no: below(dtype) };
      if (kind === 1) return { kind: "cast", dtype, value: below(pick(dtypes)) };
      if (kind === 2) return lookup(dtype, depth);
      return dtype === "bool" ? truth(below) : scalar(dtype, below);
    };
    const expr = (dtype: DType, depth: number): Expr => {
      const again = made.filter((each) => each.dtype === dtype);
      if (again.length > 0 && chance(20)) return pick(again);
      const result = depth <= 0 ? leaf(dtype) : compound(dtype, depth);
      made.push(result);
      return result;
    };
    return expr;
  }

  const inside = expressions([...space, ...reduced]);
  const accumulator = (): Accumulator => {
    const op = pick(["sum", "prod", "max", "min", "choose"] as const);
    const dtype = pick(numeric);
    if (op === "choose") {
      const value = inside(pick(dtypes), 2);
      return { op, dtype: value.dtype, expr: inside(dtype, 2), least: chance(50), value };
    }
    const empty = reduced.includes(0) && !isFloat(dtype) && (op === "max" || op === "min");
    return { op: empty ? "sum" : op, dtype, expr: tamed(inside(dtype, 2), op === "prod" ? 2 : 8) };
  };
  const accumulators = reducing ? Array.from({ length: 1 + upTo(2) }, accumulator) : [];
  const outside = expressions(space);
  const stores = Array.from({ length: 1 + upTo(2) }, (): Store => {
    const dtype = pick(dtypes);
    const { at, length } = placed(space, space.length, false);
    const position = upTo(Math.max(0, accumulators.length - 1));
    let expr: Expr;
    if (accumulators.length === 0) expr = outside(dtype, 3);
    else {
      expr = { kind: "accumulator", dtype: accumulators[position]!.dtype, position };
      if (chance(30) && expr.dtype !== "bool") {
        expr = { kind: "call", dtype: expr.dtype, name: "add", args: [expr, outside(expr.dtype, 2)] };
      }
    }
    const buffer = bufferOf(expr.dtype, length);
    // In place: what is stored depends on what was there.
    if (chance(20)) {
      const here: Expr = { kind: "load", dtype: expr.dtype, buffer, at };
      expr = call(expr.dtype === "bool" ? "xor" : "sub", expr.dtype, [here, expr]);
    }
    return { buffer, at, expr };
  });
  const kernel: LoopKernel = {
    kind: "loop",
    name: "random",
    space,
    reduced,
    accumulators,
    stores,
    buffers: buffers.map(({ dtype }) => dtype),
    numbers,
  };
  const seed = upTo(0x7fffffff);
  return {
    kernel,
    buffers: buffers.map(({ dtype, length }, i) => deviceArray(dtype, filled(dtype, length, seed + i))),
    numbers: numbers.map((dtype, i) => filled(dtype, 1, seed ^ i)[0]!),
  };
}

/** Small whole numbers, and now and then something awkward. */
function filled(dtype: DType, length: number, seed: number): number[] {
  let state = seed | 1;
  const next = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % n;
  };
  const awkward = isFloat(dtype)
    ? [NaN, Infinity, -Infinity, -0, 0.5, 1e-7, 70000]
    : [0x7fffffff, -0x80000000, -1, 31, 33];
  return Array.from({ length }, () => {
    if (dtype === "bool") return next(2);
    if (next(12) === 0) return awkward[next(awkward.length)]!;
    return dtype === "u32" ? next(7) : next(13) - 6;
  });
}
