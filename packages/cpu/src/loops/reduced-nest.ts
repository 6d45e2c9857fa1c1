import type { LoopKernel } from "@steelyard/compiler";
import { i32, select, types, type Code, type Locals } from "../assembler/assembler.ts";
import type { Running } from "./accumulators.ts";
import { segmentsOf } from "./guards.ts";
import { codeOf, loopAlong, type Bound, type Frame } from "./nest.ts";
import type { Schedule } from "./schedule.ts";

/**
 * The loops over the reduced axes. Float sums of many terms are summed in blocks: rounding errors then grow with the
 * number of terms in a block plus the number of blocks, instead of their product.
 */
export interface ReducedNest {
  readonly axes: readonly number[];
  readonly sizes: readonly number[];
  /** Whether the last of the axes is done by the body, in vectors. */
  readonly lanesLast: boolean;
  /** Which of the axes is cut into blocks, and of how many points; null: there are few terms. */
  readonly cut: { readonly level: number; readonly points: number } | null;
}

// Additions that one running sum takes in a block.
const blockTurns = 256;

export function reducedNestOf(kernel: LoopKernel, { reduced: axes, kind, vectors }: Schedule): ReducedNest {
  const all = [...kernel.space, ...kernel.reduced];
  const sizes = axes.map((axis) => all[axis]!);
  const lanesLast = kind === "reduced";
  const isLanes = (level: number): boolean => lanesLast && level === axes.length - 1;
  let inner = 1;
  for (let level = axes.length - 1; level >= 0; level--) {
    const perTurn = isLanes(level) ? 4 * vectors : 1;
    const turns = Math.ceil(sizes[level]! / perTurn);
    // Where guards cut the lanes' axis already, the next one has to do.
    const whole = isLanes(level) && segmentsOf(kernel, axes[level]!, sizes[level]!).length > 1;
    if (inner * turns > 2 * blockTurns && !whole) {
      const points = Math.max(1, Math.floor(blockTurns / inner)) * perTurn;
      return { axes, sizes, lanesLast, cut: { level, points } };
    }
    inner *= turns;
  }
  return { axes, sizes, lanesLast, cut: null };
}

/**
 * Emits the loops. `body` gets the number of points to do along the lanes' axis where that is cut into blocks, and null
 * where it is to do all of them.
 */
export function reducedLoops(
  locals: Locals,
  { axes, sizes, lanesLast, cut }: ReducedNest,
  frame: Frame,
  states: readonly Running[],
  body: (frame: Frame, points: Bound | null) => Code,
): Code {
  const flush = states.map((state) => state.flush);
  const from = (level: number, at: Frame, points: Bound | null): Code => {
    const axis = axes[level];
    if (axis === undefined || (lanesLast && level === axes.length - 1)) return body(at, points);
    return loopAlong(locals, at, axis, { from: 0, to: points ?? sizes[level]! }, (here) => next(level + 1, here));
  };
  const next = (level: number, at: Frame): Code => {
    if (cut === null || level !== cut.level) return from(level, at, null);
    const [size, axis] = [sizes[level]!, axes[level]!];
    return loopAlong(locals, at, axis, { from: 0, to: size, step: cut.points }, (block, first) => {
      const points = locals.add(types.i32);
      const [rest, most] = [i32.sub(i32.const(size), codeOf(first)), i32.const(cut.points)];
      return [points.set(select(rest, most, i32.ltS(rest, most))), from(level, block, points), flush];
    });
  };
  return sizes.includes(0) ? [] : next(0, frame);
}
