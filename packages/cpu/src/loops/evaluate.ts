import { partsOf, type Affine, type AxisSet, type Expr, type Guard } from "@steelyard/compiler";
import { i32, i32x4, select, v128, type Code } from "../assembler/assembler.ts";
import { callCode } from "./calls.ts";
import { castCode, constantVector, fromIndex, fromMemory } from "./casts.ts";
import { gathered, loaded } from "./memory.ts";
import {
  eachVector,
  keep,
  keepWord,
  known,
  masked,
  nth,
  positionOf,
  stepsOf,
  type Scope,
  type Vectors,
} from "./scope.ts";

/** Computes an expression at all points of the turn, unless that has been done. */
export function evaluate(expr: Expr, scope: Scope): Vectors {
  const done = known(scope, expr);
  if (done !== undefined) return done;
  const values = evaluators[expr.kind](expr as never, scope);
  scope.values.set(expr, values);
  return values;
}

/** Computes what does not change along these axes, so that a loop over them finds it done. */
export function hoist(roots: readonly Expr[], axes: AxisSet, scope: Scope): void {
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if ((scope.emitter.axesOf(expr) & axes) === 0) evaluate(expr, scope);
    // What is guarded may be read where the guard holds and nowhere else.
    else if (expr.kind === "guarded") visit(expr.otherwise);
    else partsOf(expr).forEach(visit);
  };
  roots.forEach(visit);
}

type Evaluators = {
  readonly [Kind in Expr["kind"]]: (expr: Extract<Expr, { kind: Kind }>, scope: Scope) => Vectors;
};

const evaluators: Evaluators = {
  constant: ({ dtype, value }, { emitter }) => [constantVector(emitter.locals, dtype, value)],
  number: ({ position }, { emitter }) => [emitter.numbers[position]!],
  index({ dtype, index }, scope) {
    const values = indexVectors(index, scope);
    if (dtype === "i32" || dtype === "u32") return values;
    return values.map((value) => keep(scope, fromIndex(scope.emitter.locals, dtype, value)));
  },
  load({ dtype, buffer, at }, scope) {
    const values = loaded(scope, buffer, at);
    return dtype === "bool" ? values.map((value) => keep(scope, fromMemory(dtype, value))) : values;
  },
  lookup,
  accumulator: ({ position }, { accumulators }) => accumulators[position]!,
  call({ name, args }, scope) {
    const operands = args.map((arg) => evaluate(arg, scope));
    return eachVector(operands, (j) => {
      const each = args.map((arg, i) => ({
        get: nth(operands[i]!, j),
        constant: arg.kind === "constant" ? arg.value : null,
        uniform: isUniform(arg, scope),
        once: arg.kind === "number" ? scope.emitter.once : null,
      }));
      return keep(scope, callCode(scope.emitter.locals, name, args[0]!.dtype, each));
    });
  },
  where({ condition, yes, no }, scope) {
    const operands = [yes, no, condition].map((each) => evaluate(each, scope));
    return eachVector(operands, (j) => {
      const [a, b, mask] = operands.map((each) => nth(each, j)) as [Code, Code, Code];
      return keep(scope, v128.bitselect(a, b, mask));
    });
  },
  cast({ dtype, value }, scope) {
    return evaluate(value, scope).map((code) => keep(scope, castCode(scope.emitter.locals, value.dtype, dtype, code)));
  },
  guarded({ guards, value, otherwise }, scope) {
    const mask = holding(guards, scope);
    const yes = evaluate(value, masked(scope, mask));
    const no = evaluate(otherwise, scope);
    return eachVector([yes, no, mask], (j) => {
      return keep(scope, v128.bitselect(nth(yes, j), nth(no, j), nth(mask, j)));
    });
  },
};

/** Whether an expression has one value in all lanes. */
function isUniform(expr: Expr, { emitter, turn }: Scope): boolean {
  return turn.axis === null || (emitter.axesOf(expr) & (1 << turn.axis)) === 0;
}

function indexVectors(index: Affine, scope: Scope): Vectors {
  const { lane, vector } = stepsOf(index, scope.turn);
  const { locals } = scope.emitter;
  const base = i32x4.splat(positionOf(scope, { buffer: null, at: index }).base);
  if (lane === 0 && vector === 0) return [keep(scope, base)];
  return Array.from({ length: scope.turn.vectors }, (_, j) => {
    const lanes = [0, 1, 2, 3].map((k) => j * vector + k * lane) as [number, number, number, number];
    return keep(scope, i32x4.add(base, locals.constant(i32x4.const(...lanes))));
  });
}

/** The lanes where all guards hold, and where the scope is valid at all. */
function holding(guards: readonly Guard[], scope: Scope): Vectors {
  const masks = guards.map(({ index, size }): Vectors => {
    const bound = scope.emitter.locals.constant(i32x4.const(size, size, size, size));
    // Unsigned, so that what is negative is too large.
    return indexVectors(index, scope).map((value) => keep(scope, i32x4.ltU(value, bound)));
  });
  const parts = scope.mask === null ? masks : [scope.mask, ...masks];
  return eachVector(parts, (j) => keep(scope, allHold(parts.map((part) => nth(part, j)))));
}

function allHold([first, ...others]: readonly Code[]): Code {
  return others.reduce((all, each) => v128.and(all, each), first!);
}

/** at + index · step where 0 ≤ index < size, and 0 elsewhere; there the index is taken as 0, which is inside. */
function lookup(expr: Extract<Expr, { kind: "lookup" }>, scope: Scope): Vectors {
  const { emitter, turn, mask } = scope;
  // Nothing of an empty axis is inside.
  if (expr.size === 0) return [constantVector(emitter.locals, expr.dtype, 0)];
  const { lane, vector } = stepsOf(expr.at, turn);
  const indices = evaluate(expr.index, scope);
  const bound = emitter.locals.constant(i32x4.const(expr.size, expr.size, expr.size, expr.size));
  const moves = lane !== 0 || vector !== 0;
  const count = Math.max(moves ? turn.vectors : 1, indices.length, mask?.length ?? 1);
  const position = positionOf(scope, { buffer: expr.buffer, at: expr.at });
  const oneRow = isUniform(expr.index, scope) && mask === null && (lane === 0 || lane === 1);
  return Array.from({ length: count }, (_, j) => {
    const index = nth(indices, j);
    const inside = keep(scope, i32x4.ltU(index, bound));
    const valid = mask === null ? inside : keep(scope, v128.and(inside, nth(mask, j)));
    // In bytes, and 0 where nothing is looked up.
    const distance = (k: number): Code =>
      i32.mul(i32x4.extractLane(v128.and(index, valid), k), i32.const(4 * expr.step));
    const base = i32.add(position.base, i32.const(position.offset + 4 * j * vector));
    if (oneRow) {
      const row = keepWord(scope, i32.add(base, distance(0)));
      const value = lane === 0 ? v128.load32Splat(row) : v128.load(row);
      return keep(scope, fromMemory(expr.dtype, v128.and(value, valid)));
    }
    const start = emitter.buffers[expr.buffer]!.get;
    const addresses = Array.from({ length: turn.lanes }, (__, k) => {
      const there = i32.add(i32.add(base, i32.const(4 * k * lane)), distance(k));
      return mask === null ? there : select(there, start, i32x4.extractLane(valid, k));
    });
    const vectorRead = keep(scope, gathered(addresses));
    return keep(scope, fromMemory(expr.dtype, v128.and(vectorRead, valid)));
  });
}
