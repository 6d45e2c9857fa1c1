import { blockLines, part, range, sumText, sumVariables, type Fragment } from "./contraction-block.ts";
import { unitsOf, widthOf, type Operand } from "./contraction-operand.ts";
import type { Tile } from "./contraction-tile.ts";
import { wordText } from "./expressions.ts";
import { storageType } from "./scalars.ts";
import { indented } from "./text.ts";

// Register tiles: every invocation keeps its part of C in named variables while it walks along the sum, and reads A and B
// from where they lie. Where invocations of a subgroup need the same elements of one operand, each of them loads a part
// and hands it to the others:
//
//   unit u of the shared rows is in register u div lanes of lane u mod lanes

/** The sums of the tile, as `c…`. Its first rows are `m0` and `n0`. */
export function accumulate(tile: Tile): string[] {
  const { kernel, own, shared, depth, offsets } = tile;
  const last = kernel.k.length - 1;
  const inner = kernel.k[last]!.size;
  const blocks = Math.floor(inner / depth);
  const rest = inner % depth;
  const block = blocks === 0 ? [] : innerLines(tile, depth, "u", 0, blocks > 1);
  const body = blocks > 1 ? loop(`k${last}`, blocks, block) : scope(block);
  const tail =
    rest === 0 ? [] : [...unitPlaces(tile, rest, "v"), ...innerLines(tile, rest, "v", blocks * depth, false)];
  const nest = kernel.k
    .slice(0, -1)
    .reduceRight(
      (lines, { size }, axis) => (size === 1 ? lines : loop(`k${axis}`, size, lines)),
      [...body, ...scope(tail)],
    );
  return [
    `let first_${own.operand.name} = ${firstPlace(own.operand, `${own.axis}0`, offsets)};`,
    `let first_${shared.operand.name} = ${firstPlace(shared.operand, `${shared.axis}0`, offsets)};`,
    ...(blocks > 0 ? unitPlaces(tile, depth, "u") : []),
    ...sumVariables(shared.size, own.size),
    ...nest,
  ];
}

function loop(name: string, size: number, lines: readonly string[]): string[] {
  return [`for (var ${name} = zero; ${name} < ${size}; ${name}++) {`, ...indented(lines), "}"];
}

function scope(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["{", ...indented(lines), "}"];
}

/** The place of the tile's first element, in units. */
function firstPlace(operand: Operand, row: string, offsets: boolean): string {
  const width = widthOf(operand);
  const outer = operand.outer.map((step, axis) => [`i${axis}`, step / width] as const);
  const rows = operand.unit.rows === 4 ? ([`${row} / 4`, 1] as const) : ([row, operand.step / width] as const);
  const begin = offsets ? `i32(${wordText(operand.buffer)})` : "0";
  return sumText([[begin, 1], ...outer, rows], operand.start / width);
}

/** The places of the shared units that this lane loads, before anything is walked along the sum. */
function unitPlaces({ shared: { operand, size }, lanes }: Tile, depth: number, name: string): string[] {
  if (lanes === 1) return [];
  const { unit, step, sum } = operand;
  const [along, count] = [size / unit.rows, unitsOf(operand, size, depth).length];
  const [rowStep, deepStep] = [(unit.rows * step) / widthOf(operand), (unit.depth * sum.at(-1)!) / widthOf(operand)];
  const first = `first_${operand.name}`;
  return range(Math.ceil(count / lanes)).flatMap((register) => {
    const u = register * lanes;
    const place = `let at_${name}${register} =`;
    if (along % lanes === 0) {
      const constant = (u % along) * rowStep + Math.floor(u / along) * deepStep;
      return [
        `${place} ${sumText(
          [
            [first, 1],
            ["lane", rowStep],
          ],
          constant,
        )};`,
      ];
    }
    const number = `${name}${register}_unit`;
    const mine = sumText([["lane", 1]], u);
    return [
      `let ${number} = ${u + lanes > count ? `min(${mine}, ${count - 1})` : mine};`,
      `${place} ${sumText([
        [first, 1],
        [`(${number} % ${along})`, rowStep],
        [`(${number} / ${along})`, deepStep],
      ])};`,
    ];
  });
}

/** One block; `offset` terms of the innermost axis come before it, or before all blocks if they are in a loop. */
function innerLines(tile: Tile, depth: number, name: string, offset: number, looped: boolean): string[] {
  const { own, shared, lanes } = tile;
  const places = [own, shared].map(({ operand }) => {
    const isPlaced = lanes > 1 && operand === shared.operand;
    const first = isPlaced ? "0" : `first_${operand.name}`;
    return `let ${operand.name} = ${sumText([[first, 1], ...walked(operand, tile, looped)], passed(operand, offset))};`;
  });
  return [...places, ...blockLines(sharedFragment(tile, depth, name), ownFragment(tile), depth)];
}

/** How far the operand has come along the sum, in units. */
function walked(operand: Operand, { kernel, depth }: Tile, looped: boolean): (readonly [string, number])[] {
  const width = widthOf(operand);
  return kernel.k.map(({ size }, axis) => {
    const isInner = axis === kernel.k.length - 1;
    const step = operand.sum[axis]! / width;
    return [(isInner ? looped : size > 1) ? `k${axis}` : "0", isInner ? step * depth : step] as const;
  });
}

const passed = (operand: Operand, terms: number): number => (terms * operand.sum.at(-1)!) / widthOf(operand);

/** The rows that all lanes need. They are loaded at once, before the first term. */
function sharedFragment(tile: Tile, depth: number, name: string): Fragment {
  const { shared, lanes } = tile;
  const { operand, size } = shared;
  const { unit } = operand;
  const units = unitsOf(operand, size, depth);
  const registers = range(Math.ceil(units.length / lanes));
  const loads = registers.map((register) => {
    const { row, depth: term } = units[register]!;
    const place = lanes === 1 ? constantPlace(operand, row, term) : `${operand.name} + at_${name}${register}`;
    return `let ${name}${register} = ${loadText(tile, operand, place)};`;
  });
  return {
    rows: size,
    load: (term) => (term === 0 ? loads : []),
    element(row, term) {
      const u = Math.floor(term / unit.depth) * (size / unit.rows) + Math.floor(row / unit.rows);
      const register = `${name}${Math.floor(u / lanes)}`;
      const isFour = widthOf(operand) === 4;
      const held = isFour ? `${register}.${part((row % unit.rows) + (term % unit.depth))}` : register;
      return lanes === 1 ? held : `subgroupBroadcast(${held}, ${u % lanes}u)`;
    },
  };
}

/** The rows that are this invocation's own, loaded when they are needed. */
function ownFragment(tile: Tile): Fragment {
  const { operand, size } = tile.own;
  const { unit } = operand;
  const nameOf = (row: number, term: number): string => `w${term - (term % unit.depth)}_${row - (row % unit.rows)}`;
  return {
    rows: size,
    load(term) {
      if (term % unit.depth !== 0) return [];
      return range(size / unit.rows).map((i) => {
        const row = i * unit.rows;
        return `let ${nameOf(row, term)} = ${loadText(tile, operand, constantPlace(operand, row, term))};`;
      });
    },
    element: (row, term) =>
      widthOf(operand) === 4
        ? `${nameOf(row, term)}.${part((row % unit.rows) + (term % unit.depth))}`
        : nameOf(row, term),
    ...(unit.rows === 4 && { four: nameOf }),
  };
}

/** The place of a unit in the current block. */
function constantPlace(operand: Operand, row: number, term: number): string {
  return sumText([[operand.name, 1]], (row * operand.step + term * operand.sum.at(-1)!) / widthOf(operand));
}

/** What lies at a place, as f32. */
export function loadText({ kernel }: Pick<Tile, "kernel">, operand: Operand, place: string): string {
  const loaded = `b${operand.buffer}[${place}]`;
  if (storageType(kernel.buffers[operand.buffer]!) === "f32") return loaded;
  return widthOf(operand) === 4 ? `vec4<f32>(${loaded})` : `f32(${loaded})`;
}
