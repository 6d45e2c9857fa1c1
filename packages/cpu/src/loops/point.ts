import type { LoopKernel } from "@steelyard/compiler";
import { i32, select, types, type Code } from "../assembler/assembler.ts";
import { running, type Running } from "./accumulators.ts";
import { toMemory } from "./casts.ts";
import { evaluate, hoist } from "./evaluate.ts";
import { axisSet, keptOf, rootsOf } from "./expressions.ts";
import { branched, segmentsOf, type Work } from "./guards.ts";
import { stored } from "./memory.ts";
import { codeOf, loopAlong, vectorLoop, type Bound, type Frame, type TurnSize } from "./nest.ts";
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
      const code = vectorLoop(emitter.locals, frame, loop, (at, size) => {
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
  const shape = nestOf(plan, reduced);
  const states = work.accumulators.map((each) =>
    running(emitter.locals, each, { vectors: turn.vectors, combined: false, blocked: shape.blocked }),
  );
  const inner = axisSet([lanes, tile].filter((axis) => axis !== null));
  const nest = reducedNest(plan, shape, frame, states, (at) => {
    return branched({ ...work, stores: [] }, inner, at, ({ accumulators }) => {
      return emitter.locals.forgetting(() =>
        updates({ accumulators, stores: [] }, states, inside(scope, { frame: at })),
      );
    });
  });
  return [scope.code, states.map(({ open }) => open), nest, closing(work, states, scope)];
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
    const shape = nestOf(plan, reduced);
    const states = work.accumulators.map((each) =>
      running(emitter.locals, each, { vectors, combined: true, blocked: shape.blocked }),
    );
    const terms = (at: Frame, from: Bound, to: Bound, part: Work): Code => {
      return branched(part, axisSet([lanes]), at, (settled) => {
        const row = inside(scope, { frame: at });
        hoist(rootsOf(settled), axisSet([lanes]), row);
        const loop = { axis: lanes, from, to, vectors, along: true, ragged: null };
        const code = vectorLoop(emitter.locals, at, loop, (here, size) => {
          const turn = inside(row, { turn: turnOf(schedule, size), frame: here });
          return emitter.locals.forgetting(() => updates(settled, states, turn));
        });
        return [row.code, code];
      });
    };
    const nest = reducedNest(plan, shape, frame, states, (at, bounds) => {
      if (bounds !== null) return terms(at, 0, bounds, segments[0]!.work);
      return segments.map((each) => terms(at, each.from, each.to, each.work));
    });
    return [scope.code, states.map(({ open }) => open), nest, closing(work, states, scope)];
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

/** All values are there before the first is stored: a store may go where something was read. */
function storeCode({ stores }: Work, scope: Scope): Code {
  const values = stores.map(({ expr }) => {
    const vectors = evaluate(expr, scope);
    return expr.dtype === "bool" ? vectors.map((value) => keep(scope, toMemory("bool", value))) : vectors;
  });
  stores.forEach((store, i) => stored(scope, store, values[i]!));
  return scope.code;
}

/**
 * How the loops over the reduced axes are nested. Float sums of many terms are summed in blocks, so that rounding errors
 * grow with the sum of the two counts, terms and blocks, instead of their product.
 */
interface NestShape {
  readonly axes: readonly number[];
  /** The loop, counted from outside, each of whose turns closes a block; null: none does. */
  readonly flushed: number | null;
  /** Points of the last axis in a block, where that axis itself is cut; else null. */
  readonly cut: number | null;
  readonly blocked: boolean;
}

const blockTurns = 256;

function nestOf(plan: Plan, axes: readonly number[]): NestShape {
  const { kernel, schedule } = plan;
  const sizes = sizesOf(kernel);
  const last = axes.at(-1);
  const perTurn = schedule.kind === "reduced" ? schedule.vectors * 4 : 1;
  const guarded =
    last !== undefined && schedule.kind === "reduced" && segmentsOf(kernel, last, sizes[last]!).length > 1;
  if (last !== undefined && sizes[last]! / perTurn > 2 * blockTurns && !guarded) {
    return { axes, flushed: null, cut: blockTurns * perTurn, blocked: true };
  }
  let turns = 1;
  for (let i = axes.length - 1; i >= 0; i--) {
    turns *= axes[i] === last ? Math.ceil(sizes[axes[i]!]! / perTurn) : sizes[axes[i]!]!;
    if (turns > 2 * blockTurns && i < axes.length - 1) return { axes, flushed: i, cut: null, blocked: true };
  }
  return { axes, flushed: null, cut: null, blocked: false };
}

/**
 * Loops over the reduced axes, all but that of the lanes. `body` gets the number of points to do along the lanes' axis
 * where that is cut in blocks, and null where it is to do all of them.
 */
function reducedNest(
  { emitter: { locals }, kernel, schedule }: Plan,
  { axes, flushed, cut }: NestShape,
  frame: Frame,
  states: readonly Running[],
  body: (frame: Frame, points: Bound | null) => Code,
): Code {
  const sizes = sizesOf(kernel);
  const flush = states.map((state) => state.flush);
  const looped = schedule.kind === "space";
  const from = (level: number, at: Frame): Code => {
    const axis = axes[level];
    if (axis === undefined) return body(at, null);
    const size = sizes[axis]!;
    const last = level === axes.length - 1;
    if (last && cut !== null) {
      return loopAlong(locals, at, axis, { from: 0, to: size, step: cut }, (block, first) => {
        const points = locals.add(types.i32);
        const rest = i32.sub(i32.const(size), codeOf(first));
        const count = points.set(select(rest, i32.const(cut), i32.ltS(rest, i32.const(cut))));
        const inner = looped
          ? loopAlong(locals, block, axis, { from: 0, to: points }, (here) => body(here, null))
          : body(block, points);
        return [count, inner, flush];
      });
    }
    if (last && !looped) return body(at, null);
    return loopAlong(locals, at, axis, { from: 0, to: size }, (here) => {
      return [from(level + 1, here), level === flushed ? flush : []];
    });
  };
  return kernel.reduced.includes(0) ? [] : from(0, frame);
}
