import { axesInUse, collapsed, type LoopKernel } from "@steelyard/compiler";
import { i32, Locals, moduleBytes, select, types, v128, when, type Code, type Local } from "../assembler/assembler.ts";
import type { KernelModule } from "../kernel-module.ts";
import { castCode, fromMemory } from "./casts.ts";
import { loopAlong, movingAlong, originFrame, placesOf, type Bound, type Frame } from "./nest.ts";
import { reducedPoint, spaceRow, type Plan } from "./point.ts";
import { scheduleOf, usualChunk, type Schedule, type Split } from "./schedule.ts";
import { once, type Emitter, type Exceptions } from "./scope.ts";

// Maps and reductions: the second of the two templates. A kernel goes through these files:
//
//   collapsed      axes that are one in memory become one (packages/compiler)
//   lanes          the axis along which four neighbours are computed together
//   schedule       loops from outside to inside, vectors in a turn, chunks
//   emit-loop      the loops over the outer axes, here
//   point          a row of points, or one point of a reduction along lanes;
//     guards         padding and concatenation, as cuts of an axis and as branches
//     reduced-nest   the loops over reduced axes, in blocks, and their accumulators
//     evaluate       the expressions: calls, casts, and vectors in and out of memory
//
// and `nest` carries the addresses along.

/**
 * A map or a reduction as machine code. The same kernel gives the same bytes. `chunkTerms` is about how many terms, or
 * points of a map, a chunk is to have.
 */
export function emitLoop(kernel: LoopKernel, chunkTerms: number = usualChunk(kernel)): KernelModule {
  const locals = new Locals([types.i32, types.i32]);
  const [body, chunks] = kernel.space.includes(0) ? [[], 1] : bodyOf(collapsed(kernel), locals, chunkTerms);
  const run = { name: "run", parameters: [types.i32, types.i32], results: [], locals, body };
  return { bytes: moduleBytes([run]), chunks };
}

function bodyOf(kernel: LoopKernel, locals: Locals, chunkTerms: number): [Code, number] {
  const args = locals.parameter(0);
  const buffers = kernel.buffers.map(() => locals.add(types.i32));
  const numbers = kernel.numbers.map(() => locals.add(types.v128));
  const schedule = scheduleOf(kernel, chunkTerms);
  const work = (exceptions: Exceptions | null): Code => {
    const hoisted = once(locals, exceptions);
    const emitter: Emitter = {
      locals,
      buffers,
      numbers: numbers.map(({ get }) => get),
      once: hoisted,
      axesOf: axesInUse(),
    };
    const { frame, start } = originFrame(locals, placesOf(kernel), buffers);
    const nest = chunkOf({ emitter, kernel, schedule }, frame);
    return [hoisted.code, start, nest];
  };
  const prologue = [
    buffers.map((buffer, i) => buffer.set(i32.load(args.get, 4 * i))),
    numbers.map((number, i) => {
      const dtype = kernel.numbers[i]!;
      const value = fromMemory(dtype, v128.load32Splat(args.get, 4 * (buffers.length + i)));
      // An f16 is handed over as the f32 it was computed in.
      return number.set(dtype === "f16" ? castCode(locals, "f32", "f16", value) : value);
    }),
  ];
  return [[prologue, forAllNumbers(work)], chunksOf(kernel, schedule)];
}

/** The work for numbers of which something is ruled out, and the work for all others where there are any. */
function forAllNumbers(work: (exceptions: Exceptions | null) => Code): Code {
  const exceptions: Exceptions = new Map();
  const usual = work(exceptions);
  const [first, ...others] = exceptions.values();
  if (first === undefined) return usual;
  const mask = others.reduce((any, each) => v128.or(any, each), first);
  return when(v128.anyTrue(mask), work(null), usual);
}

function chunksOf({ space }: LoopKernel, { outer, split }: Schedule): number {
  return split === null ? 1 : outer.slice(0, split.before).reduce((n, axis) => n * space[axis]!, split.blocks);
}

/** The work of one chunk: the indices it owns of the axes outside its cut, and a range of the axis that is cut. */
function chunkOf(plan: Plan, origin: Frame): Code {
  const { kernel, schedule, emitter } = plan;
  const { outer, split } = schedule;
  if (split === null) return outerNest(plan, origin, 0, null);
  const { locals } = emitter;
  const rest = locals.add(types.i32);
  const code: Code[] = [rest.set(locals.parameter(1).get)];
  const digit = (size: number): Local => {
    const index = locals.add(types.i32);
    code.push(index.set(i32.remU(rest.get, i32.const(size))), rest.set(i32.divU(rest.get, i32.const(size))));
    return index;
  };
  const range = rangeOf(plan, split, digit(split.blocks), code);
  let frame = origin;
  for (const axis of outer.slice(0, split.before).toReversed()) {
    const at = movingAlong(locals, frame, axis, digit(kernel.space[axis]!));
    code.push(at.start);
    ({ frame } = at);
  }
  return [code, outerNest(plan, frame, split.before, range)];
}

interface Range {
  readonly from: Bound;
  readonly to: Bound;
}

/** block · points … the same and `points` more, or the end of the axis. */
function rangeOf({ kernel, schedule, emitter: { locals } }: Plan, split: Split, block: Local, code: Code[]): Range {
  const size = kernel.space[schedule.outer[split.before] ?? schedule.lanes!]!;
  const [from, to] = [locals.add(types.i32), locals.add(types.i32)];
  const end = i32.add(from.get, i32.const(split.points));
  code.push(
    from.set(i32.mul(block.get, i32.const(split.points))),
    to.set(select(end, i32.const(size), i32.ltS(end, i32.const(size)))),
  );
  return { from, to };
}

/** The loops over the outer axes from this one on; `range` is that of the first of them, or of the lanes' axis. */
function outerNest(plan: Plan, frame: Frame, level: number, range: Range | null): Code {
  const { kernel, schedule, emitter } = plan;
  const axis = schedule.outer[level];
  if (axis === undefined) return innermost(plan, frame, schedule.vectors, range);
  const bounds = range ?? { from: 0, to: kernel.space[axis]! };
  if (axis === schedule.tile) return tiles(plan, frame, axis, bounds);
  return loopAlong(emitter.locals, frame, axis, bounds, (inner) => outerNest(plan, inner, level + 1, null));
}

function innermost(plan: Plan, frame: Frame, vectors: number, range: Range | null): Code {
  const { kernel, schedule } = plan;
  if (schedule.kind === "reduced") return reducedPoint(plan, frame);
  const size = schedule.lanes === null ? 1 : kernel.space[schedule.lanes]!;
  // Chunks begin at whole turns, so what is left over at the end of a row is known.
  const ragged = range === null ? null : size % 4;
  return spaceRow(plan, frame, { from: 0, to: size, ...range, vectors, ragged });
}

/** Rows side by side: as many as the vectors of a turn at a time, then four, then the ones that are left. */
function tiles(plan: Plan, frame: Frame, axis: number, { from, to }: Range): Code {
  const { emitter, kernel, schedule } = plan;
  let start = from;
  // Cuts along this axis are multiples of a turn, so only its end has fewer rows.
  const left = kernel.space[axis]! % schedule.vectors;
  const heights = [schedule.vectors, ...(left >= 4 ? [4] : []), ...(left % 4 > 0 ? [1] : [])];
  return heights.map((rows) => {
    const [first, end, limit] = [start, ...multipleBelow(emitter.locals, to, rows)] as const;
    start = end;
    const loop = loopAlong(emitter.locals, frame, axis, { from: first, to: end, step: rows }, (inner) => {
      return innermost(plan, inner, rows, null);
    });
    return [limit, loop];
  });
}

/** The largest multiple of a power of two that does not exceed a bound. */
function multipleBelow(locals: Locals, bound: Bound, of: number): [Bound, Code] {
  if (typeof bound === "number") return [bound - (bound % of), []];
  if (of === 1) return [bound, []];
  const local = locals.add(types.i32);
  return [local, local.set(i32.and(bound.get, i32.const(-of)))];
}
