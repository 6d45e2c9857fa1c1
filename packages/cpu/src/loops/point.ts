import { allOf, axisSet, keptOf, rootsOf, type Expr, type LoopKernel } from "@steelyard/compiler";
import { i32, select, types, type Code } from "../assembler/assembler.ts";
import { running, type Running } from "./accumulators.ts";
import { toMemory } from "./casts.ts";
import { evaluate, hoist } from "./evaluate.ts";
import { branched, segmentsOf, type Work } from "./guards.ts";
import { stored } from "./memory.ts";
import { codeOf, narrowed, placesOf, vectorLoop, type Bound, type Frame, type TurnSize } from "./nest.ts";
import { reducedLoops, reducedNestOf } from "./reduced-nest.ts";
import type { Schedule } from "./schedule.ts";
import { inside, keep, onePoint, outermost, type Emitter, type Scope, type Turn, type Vectors } from "./scope.ts";

// What happens at one point of the outer axes: a row of points with lanes along it, or the one point of a reduction with
// lanes along its terms.

/** All that the code of a kernel depends on. */
export interface Plan {
  readonly emitter: Emitter;
  readonly kernel: LoopKernel;
  readonly schedule: Schedule;
}

const sizesOf = ({ space, reduced }: LoopKernel): readonly number[] => [...space, ...reduced];

/** The points `from` … `to` of the lanes' axis, and with a tile as many neighbours beside each as `vectors` says. */
export interface Row {
  readonly from: Bound;
  readonly to: Bound;
  readonly vectors: number;
  /** What is left at the end of the row where only that is known of it. */
  readonly ragged: number | null;
}

/** A row of the space: lanes lie along it. */
export function spaceRow(plan: Plan, frame: Frame, row: Row): Code {
  const { emitter, kernel, schedule } = plan;
  const { lanes, tile, reduced } = schedule;
  if (lanes === null)
    return branched(kernel, axisSet(reduced), frame, (work) => pointCode(plan, work, onePoint, frame));
  const moving = axisSet([lanes, ...(tile === null ? [] : [tile]), ...reduced]);
  const segments = segmentsOf(kernel, lanes, kernel.space[lanes]!);
  return segments.map(({ from, to, work }) => {
    const limits = segments.length === 1 ? { ...row, code: [] } : clipped(plan, row, from, to);
    const body = branched(work, moving, frame, (settled) => {
      const around = outermost(emitter, onePoint, frame);
      hoist(rootsOf(settled), moving, around);
      const loop = { axis: lanes, along: tile === null, ...limits };
      const used = narrowed(frame, placesOf(settled));
      const code = vectorLoop(emitter.locals, used, loop, (at, size) => {
        return emitter.locals.forgetting(() => pointCode(plan, settled, turnOf(schedule, size), at, around));
      });
      return [around.code, code];
    });
    return [limits.code, body];
  });
}

const smaller = (a: Code, b: Code): Code => select(a, b, i32.ltS(a, b));
const larger = (a: Code, b: Code): Code => select(a, b, i32.gtS(a, b));

/** The part of a row that lies in a segment. */
function clipped({ emitter }: Plan, row: Row, from: number, to: number): Row & { readonly code: Code } {
  const { vectors } = row;
  if (typeof row.from === "number" && typeof row.to === "number") {
    return { from: Math.max(row.from, from), to: Math.min(row.to, to), vectors, ragged: null, code: [] };
  }
  const [first, end] = [emitter.locals.add(types.i32), emitter.locals.add(types.i32)];
  const code = [first.set(larger(codeOf(row.from), i32.const(from))), end.set(smaller(codeOf(row.to), i32.const(to)))];
  return { from: first, to: end, vectors, ragged: null, code };
}

function turnOf({ lanes, tile }: Schedule, { vectors, lanes: count }: TurnSize): Turn {
  return { vectors, lanes: count, axis: lanes, along: tile ?? lanes, stride: tile === null ? 4 : 1 };
}

/** The points of a turn: reduced, then stored. */
function pointCode(plan: Plan, work: Work, turn: Turn, frame: Frame, around?: Scope): Code {
  const { emitter } = plan;
  const scope = around === undefined ? outermost(emitter, turn, frame) : inside(around, { turn, frame });
  if (work.accumulators.length === 0) return storeCode(work, scope);
  const { reduced, lanes, tile } = plan.schedule;
  hoist(work.accumulators.flatMap(keptOf), axisSet(reduced), scope);
  const nest = reducedNestOf(plan.kernel, plan.schedule);
  const states = work.accumulators.map((each) =>
    running(emitter.locals, each, { vectors: turn.vectors, combined: false, blocked: nest.cut !== null }),
  );
  const inner = axisSet([lanes, tile].filter((axis) => axis !== null));
  const loops = reducedLoops(emitter.locals, nest, frame, states, (at) => {
    return branched({ ...work, stores: [] }, inner, at, ({ accumulators }) => {
      return emitter.locals.forgetting(() =>
        updates({ accumulators, stores: [] }, states, inside(scope, { frame: at })),
      );
    });
  });
  return [scope.code, states.map(({ open }) => open), loops, closing(work, states, scope)];
}

/** One point of a reduction whose terms the lanes lie along. */
export function reducedPoint(plan: Plan, frame: Frame): Code {
  const { emitter, kernel, schedule } = plan;
  const { reduced, vectors } = schedule;
  const lanes = schedule.lanes!;
  return branched(kernel, axisSet(reduced), frame, (work) => {
    const scope = outermost(emitter, onePoint, frame);
    hoist(work.accumulators.flatMap(keptOf), axisSet(reduced), scope);
    const segments = segmentsOf({ ...work, stores: [] }, lanes, sizesOf(kernel)[lanes]!);
    const nest = reducedNestOf(kernel, schedule);
    const states = work.accumulators.map((each) =>
      running(emitter.locals, each, { vectors, combined: true, blocked: nest.cut !== null }),
    );
    const terms = (at: Frame, from: Bound, to: Bound, part: Work): Code => {
      return branched(part, axisSet([lanes]), at, (settled) => {
        const row = inside(scope, { frame: at });
        hoist(rootsOf(settled), axisSet([lanes]), row);
        const loop = { axis: lanes, from, to, vectors, along: true, ragged: null };
        const used = narrowed(at, placesOf(settled));
        const code = vectorLoop(emitter.locals, used, loop, (here, size) => {
          const turn = inside(row, { turn: turnOf(schedule, size), frame: here });
          return emitter.locals.forgetting(() => updates(settled, states, turn));
        });
        return [row.code, code];
      });
    };
    const loops = reducedLoops(emitter.locals, nest, frame, states, (at, points) => {
      if (points !== null) return terms(at, 0, points, segments[0]!.work);
      return segments.map((each) => terms(at, each.from, each.to, each.work));
    });
    return [scope.code, states.map(({ open }) => open), loops, closing(work, states, scope)];
  });
}

/** Takes the terms of a turn into the accumulators. */
function updates({ accumulators }: Work, states: readonly Running[], scope: Scope): Code {
  accumulators.forEach((accumulator, i) => {
    if (changesNothing(accumulator)) return;
    const [values, kept = null] = keptOf(accumulator).map((each) => evaluate(each, scope)) as [Vectors, Vectors?];
    scope.code.push(states[i]!.update(values, kept, scope.turn.vectors, scope.turn.lanes));
  });
  return scope.code;
}

/** A sum of zeros, as the terms outside a padded image are. */
function changesNothing({ op, expr }: LoopKernel["accumulators"][number]): boolean {
  return op === "sum" && expr.kind === "constant" && expr.value === 0;
}

function closing(work: Work, states: readonly Running[], scope: Scope): Code {
  const closed = states.map((state) => state.close());
  const after = inside(scope, { accumulators: closed.map(({ results }) => results) });
  return [closed.map(({ code }) => code), storeCode(work, after)];
}

/**
 * Values are stored as soon as they are there, so that registers hold few of them. Where the kernel stores into what it
 * reads all of them are there before the first is stored: it may go where something was read.
 */
function storeCode({ stores }: Work, scope: Scope): Code {
  const read = new Set(allOf(rootsOf({ accumulators: [], stores })).flatMap(buffersOf));
  const waiting: (() => void)[] = [];
  const waits = stores.some(({ buffer }) => read.has(buffer));
  for (const store of stores) {
    const vectors = evaluate(store.expr, scope);
    const isBool = store.expr.dtype === "bool";
    const values = isBool ? vectors.map((value) => keep(scope, toMemory("bool", value))) : vectors;
    if (waits) waiting.push(() => stored(scope, store, values));
    else stored(scope, store, values);
  }
  waiting.forEach((storeOne) => storeOne());
  return scope.code;
}

function buffersOf(expr: Expr): readonly number[] {
  return expr.kind === "load" || expr.kind === "lookup" ? [expr.buffer] : [];
}
