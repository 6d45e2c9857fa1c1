import { allOf, guardsOf, indicesOf, rootsOf, type Affine, type LoopKernel } from "@steelyard/compiler";
import { doWhile, i32, types, when, whileLoop, type Code, type Local, type Locals } from "../assembler/assembler.ts";
import { invariant } from "@steelyard/core";

// Loops that carry their addresses along. Every place that a kernel reads or writes stands in a *frame*: the code of its
// address at the present point of the nest. A loop over an axis gives the places that move along it locals of their own,
// set when it starts and moved on with each turn, so that the body adds up nothing. Places of a buffer that move alike
// share one address, that of the first of them: how far behind it the others lie is part of the instructions that read
// and write there. Winograd's transforms touch 72 places of two such courses.

/** Something affine in the axes: the address of an element of a buffer, or (buffer null) the value of an index. */
export interface Place {
  readonly buffer: number | null;
  readonly at: Affine;
}

/** A place as it stands at a point of the nest, the first of those that share its address. */
interface Standing extends Place {
  readonly position: Code;
}

/** The places of a kernel at a point of the nest, by `courseOf`. */
export type Frame = ReadonlyMap<string, Standing>;

/** Where a loop starts or ends: known to the generator, or held by a local. */
export type Bound = number | Local;

export function keyOf({ buffer, at }: Place): string {
  return `${buffer ?? "index"}:${at.constant}:${at.coefficients.join()}`;
}

/**
 * What places have in common that share an address. The first of them must never lie before its buffer: addresses do not
 * wrap, so what stands before the memory's start would stay outside whatever is added to it.
 */
function courseOf(place: Place): string {
  const { buffer, at } = place;
  const shares = buffer !== null && at.constant >= 0 && at.coefficients.every((step) => step >= 0);
  return shares ? `${buffer}:${at.coefficients.join()}` : keyOf(place);
}

/** The frame of places whose addresses are known. */
export function frameOf(places: readonly Place[], positions: readonly Code[]): Frame {
  const standing = places.map((place, i): Standing => ({ ...place, position: positions[i]! }));
  // Of equal keys a map keeps the last.
  const descending = standing.toSorted((a, b) => b.at.constant - a.at.constant);
  return new Map(descending.map((place) => [courseOf(place), place]));
}

/** An address, or the value of an index. */
export interface Position {
  readonly base: Code;
  /** Bytes on from there; never negative. */
  readonly offset: number;
}

/** Where a place is at a point of the nest. */
export function positionIn(frame: Frame, place: Place): Position {
  const standing = frame.get(courseOf(place));
  invariant(standing !== undefined, `a loop reads a place it did not foresee: ${keyOf(place)}`);
  return { base: standing.position, offset: (place.at.constant - standing.at.constant) * unitOf(place) };
}

/** Everywhere a kernel reads and writes, the values of its indices, and what its guards look at. */
export function placesOf({ accumulators, stores }: Pick<LoopKernel, "accumulators" | "stores">): readonly Place[] {
  const roots = rootsOf({ accumulators, stores });
  return [
    ...stores.map(({ buffer, at }): Place => ({ buffer, at })),
    ...allOf(roots).flatMap((expr) => {
      const buffer = expr.kind === "load" || expr.kind === "lookup" ? expr.buffer : null;
      return indicesOf(expr).map((at): Place => ({ buffer, at }));
    }),
    ...guardsOf(roots).map(({ index }): Place => ({ buffer: null, at: index })),
  ];
}

/** Those of the places that are used: a piece of a long concatenation need not carry the others along. */
export function narrowed(frame: Frame, places: readonly Place[]): Frame {
  return new Map(places.map(courseOf).flatMap((key) => (frame.has(key) ? [[key, frame.get(key)!]] : [])));
}

/** What one step of an index is worth: four bytes of an address, or 1. */
function unitOf({ buffer }: Place): number {
  return buffer === null ? 1 : 4;
}

/** The places where all axes are 0. Addresses have the start of their buffer in them. */
export function originFrame(
  locals: Locals,
  places: readonly Place[],
  buffers: readonly Local[],
): { frame: Frame; start: Code } {
  const frame = new Map<string, Standing>();
  const start: Code[] = [];
  for (const place of places.toSorted((a, b) => a.at.constant - b.at.constant)) {
    const key = courseOf(place);
    if (frame.has(key)) continue;
    const constant = i32.const(place.at.constant * unitOf(place));
    if (place.buffer === null) {
      frame.set(key, { ...place, position: constant });
      continue;
    }
    const base = buffers[place.buffer]!;
    if (place.at.constant === 0) {
      frame.set(key, { ...place, position: base.get });
      continue;
    }
    const local = locals.add(types.i32);
    start.push(local.set(i32.add(base.get, constant)));
    frame.set(key, { ...place, position: local.get });
  }
  return { frame, start };
}

/** Places on their way along an axis. */
export interface Moving {
  readonly frame: Frame;
  /** Puts them where the axis is `from`. */
  readonly start: Code;
  /** Moves them on by so many points. */
  readonly advance: (points: number) => Code;
}

export function movingAlong(locals: Locals, outer: Frame, axis: number, from: Bound): Moving {
  const frame = new Map(outer);
  const start: Code[] = [];
  const movers: { local: Local; step: number }[] = [];
  for (const [key, standing] of outer) {
    const step = standing.at.coefficients[axis]! * unitOf(standing);
    if (step === 0) continue;
    const local = locals.add(types.i32);
    start.push(local.set(shifted(standing.position, from, step)));
    movers.push({ local, step });
    frame.set(key, { ...standing, position: local.get });
  }
  const advance = (points: number): Code => {
    return movers.map(({ local, step }) => local.set(i32.add(local.get, i32.const(step * points))));
  };
  return { frame, start, advance };
}

/** position + from · step, in bytes or points. */
function shifted(position: Code, from: Bound, step: number): Code {
  if (from === 0) return position;
  const distance = typeof from === "number" ? i32.const(from * step) : i32.mul(from.get, i32.const(step));
  return i32.add(position, distance);
}

export function codeOf(bound: Bound): Code {
  return typeof bound === "number" ? i32.const(bound) : bound.get;
}

/** bound + points. */
function plusPoints(bound: Bound, points: number): Code {
  return typeof bound === "number" ? i32.const(bound + points) : i32.add(bound.get, i32.const(points));
}

/** for (i = from; i < to; i += step): the body gets the places where i stands, and i. */
export function loopAlong(
  locals: Locals,
  outer: Frame,
  axis: number,
  { from, to, step = 1 }: { from: Bound; to: Bound; step?: number },
  body: (frame: Frame, index: Bound) => Code,
): Code {
  const { frame, start, advance } = movingAlong(locals, outer, axis, from);
  if (typeof from === "number" && typeof to === "number") {
    if (from >= to) return [];
    if (from + step >= to) return [start, body(frame, from)];
  }
  const i = locals.add(types.i32);
  const turn = [body(frame, i), advance(step), i.set(i32.add(i.get, i32.const(step)))];
  const again = i32.ltS(i.get, codeOf(to));
  const sure = typeof from === "number" && typeof to === "number";
  return [i.set(codeOf(from)), start, sure ? doWhile(turn, again) : when(again, doWhile(turn, again))];
}

/** How many vectors a turn computes, and how many lanes of each count. */
export interface TurnSize {
  readonly vectors: number;
  readonly lanes: number;
}

/** A loop over the axis that the lanes lie along. */
export interface VectorLoop {
  readonly axis: number;
  readonly from: Bound;
  readonly to: Bound;
  /** Vectors of a full turn. */
  readonly vectors: number;
  /** Whether the vectors of a turn follow each other along the axis; else all of them lie at the same points of it. */
  readonly along: boolean;
  /** How many points are left over at the end where that is known though the bounds are not: `to` less a multiple of 4. */
  readonly ragged: number | null;
}

/**
 * Runs through an axis in vectors of four lanes: full turns of several vectors, the vectors left over, and one vector
 * with fewer lanes for the last points. With bounds that are not known, the last points are done one at a time.
 */
export function vectorLoop(
  locals: Locals,
  outer: Frame,
  loop: VectorLoop,
  body: (frame: Frame, size: TurnSize) => Code,
): Code {
  const { axis, from, to, vectors, along } = loop;
  const moving = movingAlong(locals, outer, axis, from);
  const pointsOf = (count: number): number => (along ? count * 4 : 4);
  if (typeof from === "number" && typeof to === "number") return knownLoop(locals, moving, to - from, loop, body);
  const i = locals.add(types.i32);
  const run = (size: TurnSize, points: number): Code => {
    const turn = [body(moving.frame, size), moving.advance(points), i.set(i32.add(i.get, i32.const(points)))];
    return whileLoop(i32.ltS(i.get, plusPoints(to, 1 - points)), turn);
  };
  const last = (): Code => {
    if (loop.ragged === 0) return [];
    const size = { vectors: along ? 1 : vectors, lanes: loop.ragged ?? 1 };
    if (loop.ragged === null) return run(size, 1);
    return when(i32.ltS(i.get, codeOf(to)), body(moving.frame, size));
  };
  return [
    i.set(codeOf(from)),
    moving.start,
    run({ vectors, lanes: 4 }, pointsOf(vectors)),
    along && vectors > 1 ? run({ vectors: 1, lanes: 4 }, 4) : [],
    last(),
  ];
}

/** As `vectorLoop`, over a number of points known here: no loop has a condition but its count. */
function knownLoop(
  locals: Locals,
  { frame, start, advance }: Moving,
  points: number,
  { vectors, along }: VectorLoop,
  body: (frame: Frame, size: TurnSize) => Code,
): Code {
  if (points <= 0) return [];
  const perTurn = along ? vectors * 4 : 4;
  const turns = Math.floor(points / perTurn);
  const left = Math.floor((points - turns * perTurn) / 4);
  const lanes = points % 4;
  const code: Code[] = [start];
  const moveOn = (by: number, more: boolean): Code => (more ? advance(by) : []);
  if (turns > 0) {
    const full = body(frame, { vectors, lanes: 4 });
    if (turns === 1) code.push(full, moveOn(perTurn, left > 0 || lanes > 0));
    else {
      const i = locals.add(types.i32);
      const next = i.tee(i32.sub(i.get, i32.const(1)));
      code.push(i.set(i32.const(turns)), doWhile([full, advance(perTurn)], next));
    }
  }
  // A pair and one rather than three: pairs are what V8's revectorizer fuses.
  const odd = left % 2;
  if (left > odd) code.push(body(frame, { vectors: left - odd, lanes: 4 }), moveOn((left - odd) * 4, odd + lanes > 0));
  if (odd > 0) code.push(body(frame, { vectors: 1, lanes: 4 }), moveOn(4, lanes > 0));
  if (lanes > 0) code.push(body(frame, { vectors: along ? 1 : vectors, lanes }));
  return code;
}
