import {
  allOf,
  axesOfIndex,
  guardsOf,
  rewriting,
  rootsOf,
  withRoots,
  type AxisSet,
  type Expr,
  type Guard,
  type LoopKernel,
} from "@steelyard/compiler";
import { i32, when, type Code } from "../assembler/assembler.ts";
import { keyOf, positionIn, type Frame } from "./nest.ts";

// Guards are decided as far out as can be: along the lanes' axis by cutting it where they change (padding and
// concatenation become loops over stretches of memory), and by branches around the loops where they change along other
// axes only. What is left is decided lane by lane.

/** What a kernel computes, of which guards decide parts. */
export type Work = Pick<LoopKernel, "accumulators" | "stores">;

const nameOf = ({ index, size }: Guard): string => `${keyOf({ buffer: null, at: index })}<${size}`;

/** What is left of a list of guards: null when they cannot hold. */
type Decision = (guards: readonly Guard[]) => readonly Guard[] | null;

function decided(work: Work, decide: Decision): Work {
  const settle = (expr: Expr): Expr => {
    if (expr.kind !== "guarded") return expr;
    const left = decide(expr.guards);
    if (left === null) return settle(expr.otherwise);
    if (left.length === 0) return settle(expr.value);
    return left.length === expr.guards.length ? expr : { ...expr, guards: left };
  };
  return withRoots(work, rewriting(settle));
}

/** A stretch of an axis on which the guards along it do not change, and what is computed there. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly work: Work;
}

/** Cuts an axis where the guards that depend on it alone begin or cease to hold. */
export function segmentsOf(work: Work, axis: number, size: number): readonly Segment[] {
  const isAlong = ({ index }: Guard): boolean => axesOfIndex(index) === 1 << axis || axesOfIndex(index) === 0;
  const guards = guardsOf(rootsOf(work)).filter(isAlong);
  if (guards.length === 0) return [{ from: 0, to: size, work }];
  const ranges = new Map(guards.map((guard) => [guard, rangeOf(guard, axis, size)]));
  const cuts = [...new Set([0, size, ...[...ranges.values()].flat()])].toSorted((a, b) => a - b);
  return cuts.slice(1).map((to, i) => {
    const from = cuts[i]!;
    const holds = (guard: Guard): boolean => {
      const range = ranges.get(guard);
      return range === undefined || (range[0] <= from && to <= range[1]);
    };
    const decide: Decision = (list) => (list.every(holds) ? list.filter((guard) => !ranges.has(guard)) : null);
    return { from, to, work: decided(work, decide) };
  });
}

/** Where 0 ≤ c·i + k < n along an axis: i from ⌈−k/c⌉ up to ⌈(n − k)/c⌉, and with c < 0 the same read backwards. */
function rangeOf(
  { index: { constant: k, coefficients }, size: n }: Guard,
  axis: number,
  size: number,
): [number, number] {
  const c = coefficients[axis]!;
  if (c === 0) return k >= 0 && k < n ? [0, size] : [0, 0];
  const [from, to] =
    c > 0 ? [Math.ceil(-k / c), Math.ceil((n - k) / c)] : [Math.floor((n - k) / c) + 1, Math.floor(-k / c) + 1];
  const first = Math.min(Math.max(from, 0), size);
  return [first, Math.min(Math.max(to, first), size)];
}

// Each branch doubles what is inside it; beyond so many, masks decide.
const mostBranches = 12;

/**
 * Branches on the guards that do not change along `inner` axes, and emits the work that is left on either side. `count`
 * is shared by nested branches.
 */
export function branched(
  work: Work,
  inner: AxisSet,
  frame: Frame,
  emit: (work: Work) => Code,
  count: { left: number } = { left: mostBranches },
): Code {
  const outside = ({ index }: Guard): boolean => (axesOfIndex(index) & inner) === 0;
  const candidate = allOf(rootsOf(work)).find((expr) => expr.kind === "guarded" && expr.guards.some(outside));
  if (candidate?.kind !== "guarded" || count.left === 0) return emit(work);
  count.left--;
  const guards = candidate.guards.filter(outside);
  const names = new Set(guards.map(nameOf));
  const holding = decided(work, (list) => list.filter((guard) => !names.has(nameOf(guard))));
  // Not all of them hold: nor does any list that asks for them all.
  const failing = decided(work, (list) => {
    const own = new Set(list.map(nameOf));
    return [...names].every((name) => own.has(name)) ? null : list;
  });
  const [yes, no] = [holding, failing].map((side) => branched(side, inner, frame, emit, count)) as [Code, Code];
  return when(allHold(guards, frame), yes, no);
}

function allHold(guards: readonly Guard[], frame: Frame): Code {
  const conditions = guards.map(({ index, size }) => {
    return i32.ltU(positionIn(frame, { buffer: null, at: index }).base, i32.const(size));
  });
  return conditions.reduce((all, each) => i32.and(all, each));
}
