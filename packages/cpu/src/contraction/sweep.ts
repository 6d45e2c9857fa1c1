import { call, i32, types, when, type Code, type Local, type Locals } from "../assembler/assembler.ts";
import { finishArguments } from "./epilogue.ts";
import { forPart, forRange, maximum, minimum, moved, partsOf, startOf, unravel, type Move } from "./loops.ts";
import type { Operand } from "./operand.ts";
import { product } from "./reduction.ts";
import { scrapOf } from "./stores.ts";
import { argumentList, type Role } from "./tile.ts";
import type { Region, Tiling } from "./tiling.ts";

/** What the loops around the tiles need to know. */
export interface Sweep {
  readonly tiling: Tiling;
  /** Sizes of the outer axes. */
  readonly outer: readonly number[];
  /** A, B, C, then the places of the epilogue. */
  readonly operands: readonly Operand[];
  /** Bytes of B from one panel to the next. */
  readonly panelOfB: number;
  /** The index of the function for tiles of so many rows. */
  tile(region: Region, rows: number, role: Role): number;
  /** That of the function that applies the epilogue to tiles in C; null: it has been applied in registers. */
  finish(region: Region): number | null;
}

/** What is fixed for a chunk: the numbers of its parts, and two addresses. */
interface Frame extends Sweep {
  readonly locals: Locals;
  readonly args: Local;
  readonly scrap: Local;
  readonly groups: Local;
  readonly rows: Local;
  readonly panels: Local;
  readonly tiles: Local;
}

/** Addresses of all operands, in their order, as far as the loops have come. */
type Addresses = readonly Code[];

/**
 * One chunk. Its loops, from outside: groups, blocks of k, panels, rows, tiles. So a block of a panel of B stays in the
 * nearest cache while all tiles pass by, and A comes back from the next one for each panel. Where all of B is small, it is
 * what passes by, and rows and tiles are outermost: then A and C come from memory once, and whole.
 */
export function sweepCode(sweep: Sweep, locals: Locals): Code {
  const [args, chunk] = [locals.parameter(0), locals.parameter(1)];
  const { cut, rowsFirst } = sweep.tiling;
  const { code, indices } = unravel(locals, chunk, [cut.groups, cut.rows, cut.panels, cut.tiles]);
  const [groups, rows, panels, tiles] = indices as [Local, Local, Local, Local];
  const frame = { ...sweep, locals, args, scrap: locals.add(types.i32), groups, rows, panels, tiles };
  const first = sweep.operands.map(() => locals.add(types.i32));
  const origin = first.map(({ get }) => get);
  return [
    code,
    frame.scrap.set(scrapOf(chunk.get)),
    first.map((address, i) => {
      const { buffer, start } = sweep.operands[i]!;
      const base = buffer === null ? i32.const(0) : i32.load(args.get, 4 * buffer);
      return address.set(i32.add(base, i32.const(start)));
    }),
    rowsFirst ? rowsOutermost(frame, origin) : groupsOutermost(frame, origin),
  ];
}

function groupsOutermost(frame: Frame, origin: Addresses): Code {
  return overGroups(frame, origin, (group) => {
    return overTurns(frame, (turn) => {
      return frame.tiling.regions.map((region) => {
        return overPanels(frame, region, turn, group, (panel) => {
          return overRows(frame, panel, (row) => {
            return overTiles(frame, region, row, (tile, height) => tileCall(frame, region, height, tile, turn));
          });
        });
      });
    });
  });
}

function rowsOutermost(frame: Frame, origin: Addresses): Code {
  return overRows(frame, origin, (row) => {
    return frame.tiling.regions.map((region) => {
      return overTiles(frame, region, row, (tile, height) => {
        return overGroups(frame, tile, (group) => {
          return overTurns(frame, (turn) => {
            return overPanels(frame, region, turn, group, (panel) => tileCall(frame, region, height, panel, turn));
          });
        });
      });
    });
  });
}

function alongOuter({ operands }: Sweep, axis: number, index: Local): Move {
  return { index, steps: operands.map(({ outer }) => outer[axis]!) };
}

/** A step along k moves A and B alone. */
function alongK({ operands }: Sweep, { a, b }: { a: number; b: number }, index: Local): Move {
  return { index, steps: operands.map((_, i) => 4 * ([a, b][i] ?? 0)) };
}

/** Which block of k is under way, and how long it is. */
interface Turn {
  readonly turn: Local;
  readonly length: Local;
}

/** The k axes around the tiles, and the blocks of the outermost one within. */
function overTurns({ locals, tiling }: Frame, inner: (turn: Turn) => Code): Code {
  const turn = { turn: locals.add(types.i32), length: locals.add(types.i32) };
  return forRange(turn.turn, i32.const(0), i32.const(tiling.turns), inner(turn));
}

/** Moves A and B to the block of k whose turn it is. */
function atTurn(
  frame: Frame,
  { inside, outside }: Region,
  { turn, length }: Turn,
  addresses: Addresses,
): { code: Code; addresses: Addresses } {
  const { locals, tiling } = frame;
  const at = unravel(locals, turn, [...outside.map(({ size }) => size), tiling.blocks]);
  const moves = outside.map((axis, i) => alongK(frame, axis, at.indices[i]!));
  const block: Code[] = [];
  if (tiling.blocks > 1) {
    const [axis, index, start] = [inside[0]!, at.indices.at(-1)!, locals.add(types.i32)];
    const blocks = partsOf(axis.size, tiling.blocks);
    block.push(start.set(startOf(index.get, blocks)));
    block.push(length.set(i32.sub(startOf(i32.add(index.get, i32.const(1)), blocks), start.get)));
    moves.push(alongK(frame, axis, start));
  }
  const next = moved(locals, addresses, moves);
  return { code: [at.code, block, next.code], addresses: next.addresses };
}

/** The panels of this chunk that lie in one region, at the block of k whose turn it is. */
function overPanels(
  frame: Frame,
  region: Region,
  turn: Turn,
  addresses: Addresses,
  inner: (addresses: Addresses) => Code,
): Code {
  const { locals, tiling, operands, panelOfB } = frame;
  const block = atTurn(frame, region, turn, addresses);
  const parts = partsOf(tiling.panels, tiling.cut.panels);
  const [panel, from, to] = [locals.add(types.i32), locals.add(types.i32), locals.add(types.i32)];
  const steps = operands.map(({ n }, i) => (i === 1 ? panelOfB : n * tiling.columns));
  const next = moved(locals, block.addresses, [{ index: panel, steps }]);
  return [
    block.code,
    from.set(startOf(frame.panels.get, parts)),
    to.set(startOf(i32.add(frame.panels.get, i32.const(1)), parts)),
    from.set(maximum(from.get, i32.const(region.firstPanel))),
    to.set(minimum(to.get, i32.const(region.firstPanel + region.panels))),
    forRange(panel, from.get, to.get, [next.code, inner(next.addresses)]),
  ];
}

/** The outer axes with a B each. */
function overGroups(frame: Frame, addresses: Addresses, inner: (addresses: Addresses) => Code): Code {
  return overOuter(frame, frame.tiling.groupAxes, frame.groups, frame.tiling.cut.groups, addresses, inner);
}

/** The outer axes that share a B. */
function overRows(frame: Frame, addresses: Addresses, inner: (addresses: Addresses) => Code): Code {
  return overOuter(frame, frame.tiling.rowAxes, frame.rows, frame.tiling.cut.rows, addresses, inner);
}

function overOuter(
  frame: Frame,
  axes: readonly number[],
  part: Local,
  parts: number,
  addresses: Addresses,
  inner: (addresses: Addresses) => Code,
): Code {
  const { locals, outer } = frame;
  const sizes = axes.map((axis) => outer[axis]!);
  return forPart(locals, part, partsOf(product(sizes), parts), (index) => {
    const at = unravel(locals, index, sizes);
    const moves = axes.map((axis, i) => alongOuter(frame, axis, at.indices[i]!));
    const next = moved(locals, addresses, moves);
    return [at.code, next.code, inner(next.addresses)];
  });
}

/** The tiles along m: first those with a row more. */
function overTiles(
  frame: Frame,
  region: Region,
  addresses: Addresses,
  inner: (addresses: Addresses, height: number) => Code,
): Code {
  const { locals, tiling, operands } = frame;
  const { count, size, larger } = region.tiles;
  return forPart(locals, frame.tiles, partsOf(count, tiling.cut.tiles), (tile) => {
    const first = locals.add(types.i32);
    const next = moved(locals, addresses, [{ index: first, steps: operands.map(({ m }) => m) }]);
    const small = inner(next.addresses, size);
    const isLarger = i32.ltU(tile.get, i32.const(larger));
    const either = larger === 0 ? small : when(isLarger, inner(next.addresses, size + 1), small);
    return [first.set(startOf(tile.get, region.tiles)), next.code, either];
  });
}

function tileCall(frame: Frame, region: Region, height: number, addresses: Addresses, { turn, length }: Turn): Code {
  const [a, b, c, ...companions] = addresses as [Code, Code, Code, ...Code[]];
  const { args, scrap, tiling } = frame;
  const list = argumentList({ a, b, c, length: length.get, args: args.get, scrap: scrap.get, companions });
  const as = (role: Role): Code => call(frame.tile(region, height, role), ...list);
  const finish = frame.finish(region);
  const finished = finish === null ? [] : call(finish, ...finishArguments(args.get, c, i32.const(height), companions));
  if (tiling.turns === 1) return [as("only"), finished];
  const isLast = i32.eq(turn.get, i32.const(tiling.turns - 1));
  const last = [as("last"), finished];
  return when(i32.eqz(turn.get), as("first"), tiling.turns === 2 ? last : when(isLast, last, as("middle")));
}
