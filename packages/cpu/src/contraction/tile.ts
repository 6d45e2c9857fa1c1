import {
  doWhile,
  f32x4,
  i32,
  Locals,
  types,
  v128,
  type Code,
  type FunctionSpec,
  type Local,
} from "../assembler/assembler.ts";
import { emitterOf, epilogueOfRow, type Epilogue } from "./epilogue.ts";
import type { Family } from "./families.ts";
import { operandAt } from "./operand.ts";
import { rowStores } from "./stores.ts";
import type { Region } from "./tiling.ts";

/** Which part of the sums a call adds: all of them, or the first, one amid, or the last of several blocks of k. */
export type Role = "only" | "first" | "middle" | "last";

export interface TileSpec {
  readonly family: Family;
  readonly region: Region;
  readonly rows: number;
  readonly role: Role;
  /** Elements of A and of C from one row to the next. */
  readonly a: number;
  readonly c: number;
  readonly epilogue: Epilogue;
  /** Whether the outermost k axis comes in blocks, so that its length is an argument. */
  readonly blocked: boolean;
}

/** What every tile function takes: addresses in bytes, of first elements. */
export interface TileArguments<T> {
  readonly a: T;
  readonly b: T;
  readonly c: T;
  /** Turns of the outermost k axis, where it is blocked. */
  readonly length: T;
  /** The kernel's own arguments. */
  readonly args: T;
  readonly scrap: T;
  /** Where the places of the epilogue stand. */
  readonly companions: readonly T[];
}

export function argumentList<T>({ a, b, c, length, args, scrap, companions }: TileArguments<T>): T[] {
  return [a, b, c, length, args, scrap, ...companions];
}

/** A tile function at work: its parameters and its sums, rows × vectors. */
interface Tile extends TileSpec {
  readonly locals: Locals;
  readonly at: TileArguments<Local>;
  readonly sums: readonly (readonly Local[])[];
}

/**
 * The innermost function: rows × width sums in registers,
 *
 *   sums[i, j] += A[i, k] · B[k, j]   for all k of the nest,
 *
 * where an element of A stands in all lanes and B[k, ·] is a few vectors.
 */
export function tileFunction(spec: TileSpec): FunctionSpec {
  const parameters = Array.from({ length: 6 + spec.epilogue.places.length }, () => types.i32);
  const locals = new Locals(parameters);
  const [a, b, c, length, args, scrap, ...companions] = parameters.map((_, i) => locals.parameter(i));
  const at = { a: a!, b: b!, c: c!, length: length!, args: args!, scrap: scrap!, companions };
  const { width, columns } = spec.region;
  const sums = Array.from({ length: spec.rows }, () => Array.from({ length: width / 4 }, () => locals.add(types.v128)));
  const tile = { ...spec, locals, at, sums };
  const stores = rowStores(locals, at.c, at.scrap, spec.family.lanes === 8, width / 4);
  const finish = finishing(tile);
  const body = [
    moved(at.c, lowest(spec.rows, spec.c)),
    spec.role === "only" || spec.role === "first" ? [] : sumsSoFar(tile),
    products(tile),
    finish.start,
    stores.start,
    sums.map((values, row) => [finish.row(row), stores.row({ values, columns, offset: offsetInC(tile, row, 0) }, row)]),
  ];
  return { name: null, parameters, results: [], locals, body };
}

/** The offset of the lowest of `count` elements: below the first where the step is negative. */
function lowest(count: number, step: number): number {
  return Math.min(0, (count - 1) * step);
}

function moved(pointer: Local, elements: number): Code {
  return elements === 0 ? [] : pointer.set(i32.add(pointer.get, i32.const(4 * elements)));
}

/** Where a vector of C lies from the address of the lowest row, in bytes: offsets are never negative. */
function offsetInC({ rows, c }: TileSpec, row: number, vector: number): number {
  return 4 * (row * c - lowest(rows, c) + 4 * vector);
}

function sumsSoFar(tile: Tile): Code {
  const { at, sums } = tile;
  return sums.map((vectors, i) => vectors.map((sum, j) => sum.set(v128.load(at.c.get, offsetInC(tile, i, j)))));
}

/** The loops over k: a counted loop for each axis, in which the addresses of A and B move by constants. */
function products(tile: Tile): Code {
  const { region, locals, at, rows } = tile;
  const { inside } = region;
  if (inside.some(({ size }) => size === 0)) return [];
  const nest = (depth: number): Code => {
    const axis = inside[depth];
    if (axis === undefined) return term(tile);
    const blocked = depth === 0 && tile.blocked;
    const within = inside[depth + 1];
    const left = locals.add(types.i32);
    const turn = [
      nest(depth + 1),
      // The axis within has moved the addresses over all of itself.
      moved(at.a, axis.a - (within === undefined ? 0 : within.size * within.a)),
      moved(at.b, axis.b - (within === undefined ? 0 : within.size * within.b)),
    ];
    return [
      left.set(blocked ? at.length.get : i32.const(axis.size)),
      doWhile(turn, left.tee(i32.sub(left.get, i32.const(1)))),
    ];
  };
  return [moved(at.a, lowest(rows, tile.a)), nest(0)];
}

/** One k: the vectors of B's row, then each row's element of A, so that all neighbours can pair up. */
function term(tile: Tile): Code {
  const { locals, at, rows, sums, family, region } = tile;
  const vectors = Array.from({ length: region.width / 4 }, () => locals.add(types.v128));
  const element = locals.add(types.v128);
  return [
    vectors.map((vector, j) => vector.set(v128.load(at.b.get, 16 * j))),
    sums.map((row, i) => [
      element.set(v128.load32Splat(at.a.get, 4 * (i * tile.a - lowest(rows, tile.a)))),
      row.map((sum, j) => sum.set(sumOfProduct(family, element.get, vectors[j]!.get, sum.get))),
    ]),
  ];
}

function sumOfProduct({ fma }: Family, a: Code, b: Code, sum: Code): Code {
  return fma ? f32x4.relaxedMadd(a, b, sum) : f32x4.add(sum, f32x4.mul(a, b));
}

/** Applies the epilogue to rows of sums that are complete. */
function finishing({ role, epilogue, locals, at, sums }: Tile): { start: Code; row(row: number): Code } {
  if (role === "first" || role === "middle" || epilogue.kind !== "registers") return { start: [], row: () => [] };
  const { emitter, start } = emitterOf(epilogue.kernel, locals, at.args);
  const steps = epilogue.places.map((place) => operandAt(place).m);
  return {
    start,
    row(row) {
      const positions = at.companions.map(({ get }, i) => (row === 0 ? get : i32.add(get, i32.const(row * steps[i]!))));
      const { code, values } = epilogueOfRow(epilogue, emitter, positions, sums[row]!);
      return [code, values.map((value, j) => sums[row]![j]!.set(value))];
    },
  };
}
