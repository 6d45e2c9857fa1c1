import type { Unit, Operand } from "./contraction-operand.ts";
import { unitsOf, widthOf } from "./contraction-operand.ts";
import type { Tile } from "./contraction-tile.ts";
import { wordText } from "./expressions.ts";
import { storageType } from "./scalars.ts";
import { indented } from "./text.ts";

// Register tiles: every invocation keeps its part of C in named variables while it walks along the sum. Where invocations
// of a subgroup need the same elements of one operand, each of them loads a part and hands it to the others.
//
//   for each block of terms:
//     x0, x1, … = this lane's units of the shared rows        unit u: lane u mod lanes, register u div lanes
//     for each term:
//       w = this lane's own rows
//       c[t] += broadcast(x of row t) · w

/** `Σ factor · name + constant` as text. */
export function sumText(terms: readonly (readonly [name: string, factor: number])[], constant = 0): string {
  const parts = terms.flatMap(([name, factor]) => {
    if (factor === 0 || name === "0") return [];
    return [factor === 1 ? name : `${factor} * ${name}`];
  });
  if (constant !== 0 || parts.length === 0) parts.push(String(constant));
  return parts.join(" + ").replaceAll("+ -", "- ");
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Columns of the invocation's own rows are kept in vectors of four where they fill them. */
export function vectorWidth({ own }: Tile): 1 | 4 {
  return own.size % 4 === 0 ? 4 : 1;
}

/** Where the tile is: `${axis}0` is its first row along each axis, in elements. */
export function accumulate(tile: Tile): string[] {
  const { kernel, own, shared, depth, offsets } = tile;
  const inner = kernel.k.at(-1)!.size;
  const blocks = Math.floor(inner / depth);
  const rest = inner % depth;
  const zero = vectorWidth(tile) === 4 ? "vec4<f32>()" : "0.0";
  const sums = range(shared.size).map((t) =>
    range(own.size / vectorWidth(tile))
      .map((g) => `var c${t}_${g} = ${zero};`)
      .join(" "),
  );
  const last = kernel.k.length - 1;
  const body: string[] = [];
  if (blocks > 0) {
    const block = blockLines(tile, depth, "x", 0, blocks > 1);
    body.push(...(blocks > 1 ? loop(`k${last}`, blocks, block) : ["{", ...indented(block), "}"]));
  }
  if (rest > 0) {
    const offset = blocks * depth;
    body.push("{", ...indented([...unitPlaces(tile, rest, "z"), ...blockLines(tile, rest, "z", offset, false)]), "}");
  }
  const nest = kernel.k
    .slice(0, -1)
    .reduceRight((lines, { size }, axis) => (size === 1 ? lines : loop(`k${axis}`, size, lines)), body);
  return [
    `let first_${own.operand.name} = ${startText(own.operand, `${own.axis}0`, offsets)};`,
    `let first_${shared.operand.name} = ${startText(shared.operand, `${shared.axis}0`, offsets)};`,
    ...(blocks > 0 ? unitPlaces(tile, depth, "x") : []),
    ...sums,
    ...nest,
  ];
}

function loop(name: string, size: number, lines: readonly string[]): string[] {
  return [`for (var ${name} = 0; ${name} < ${size}; ${name}++) {`, ...indented(lines), "}"];
}

/** The place of the tile's first element, in units. */
function startText(operand: Operand, first: string, offsets: boolean): string {
  const width = widthOf(operand);
  const outer = operand.outer.map((step, axis) => [`i${axis}`, step / width] as const);
  const rows = operand.unit.rows === 4 ? ([`(${first} / 4)`, 1] as const) : ([first, operand.step / width] as const);
  const begin = offsets ? ([`i32(${wordText(operand.buffer)})`, 1] as const) : (["0", 0] as const);
  return sumText([begin, ...outer, rows], operand.start / width);
}

/** The place of the shared units that this lane loads, beside the first element of the tile. */
function unitPlaces({ shared: { operand, size }, lanes }: Tile, depth: number, name: string): string[] {
  if (lanes === 1) return [];
  const { unit } = operand;
  const along = size / unit.rows;
  const count = (along * depth) / unit.depth;
  return range(Math.ceil(count / lanes)).flatMap((r) => {
    const first = r * lanes;
    if (along % lanes === 0) {
      const place = placeText(
        operand,
        [`lane`, (first % along) * unit.rows],
        ["0", Math.floor(first / along) * unit.depth],
      );
      return [`let at_${name}${r} = first_${operand.name} + ${place};`];
    }
    const u = first + lanes > count ? `min(lane + ${first}, ${count - 1})` : sumText([["lane", 1]], first);
    const number = `u_${name}${r}`;
    const place = placeText(operand, [`(${number} % ${along})`, 0], [`(${number} / ${along})`, 0]);
    return [`let ${number} = ${u};`, `let at_${name}${r} = first_${operand.name} + ${place};`];
  });
}

/** Units from the first element to unit `row` + a constant row, unit `deep` + a constant term. */
function placeText(
  operand: Operand,
  [row, rows]: readonly [string, number],
  [deep, terms]: readonly [string, number],
): string {
  const { step, sum, unit } = operand;
  const width = widthOf(operand);
  const inner = sum.at(-1)!;
  const constant = (rows * step + terms * inner) / width;
  return sumText(
    [
      [row, (unit.rows * step) / width],
      [deep, (unit.depth * inner) / width],
    ],
    constant,
  );
}

/** How far the operand is into the sum, in units. */
function walked(
  operand: Operand,
  { kernel, depth }: Tile,
  offset: number,
  looped: boolean,
): (readonly [name: string, factor: number])[] {
  const width = widthOf(operand);
  const last = kernel.k.length - 1;
  const terms = kernel.k.map(({ size }, axis) => {
    const step = operand.sum[axis]! / width;
    if (axis === last) return [looped ? `k${axis}` : "0", step * depth] as const;
    return [size === 1 ? "0" : `k${axis}`, step] as const;
  });
  const passed = (offset * operand.sum[last]!) / width;
  return [...terms, [passed === 0 ? "0" : String(passed), 1]];
}

function blockLines(tile: Tile, depth: number, name: string, offset: number, looped: boolean): string[] {
  const { own, shared, lanes } = tile;
  const lines = [own, shared].map(({ operand }) => {
    const isPlaced = lanes > 1 && operand === shared.operand;
    const first = isPlaced ? [] : [[`first_${operand.name}`, 1] as const];
    return `let ${operand.name} = ${sumText([...first, ...walked(operand, tile, offset, looped)])};`;
  });
  const units = unitsOf(shared.operand, shared.size, depth);
  range(Math.ceil(units.length / lanes)).forEach((r) => {
    const { row, depth: term } = units[r]!;
    const place = lanes === 1 ? constantPlace(shared.operand, row, term) : `${shared.operand.name} + at_${name}${r}`;
    lines.push(`let ${name}${r} = ${loadText(tile, shared.operand, place)};`);
  });
  for (const term of range(depth)) {
    lines.push(...ownLines(tile, term));
    for (const row of range(shared.size)) lines.push(...termLines(tile, name, row, term));
  }
  return lines;
}

/** The place of a unit in the current block. */
function constantPlace(operand: Operand, row: number, term: number): string {
  return sumText([[operand.name, 1]], (row * operand.step + term * operand.sum.at(-1)!) / widthOf(operand));
}

function loadText({ kernel }: Tile, operand: Operand, place: string): string {
  const loaded = `b${operand.buffer}[${place}]`;
  const type = storageType(kernel.buffers[operand.buffer]!);
  if (type === "f32") return loaded;
  return widthOf(operand) === 4 ? `vec4<f32>(${loaded})` : `f32(${loaded})`;
}

/** The own rows at one term of a block, as `w…`, loaded when they are needed first. */
function ownLines(tile: Tile, term: number): string[] {
  const { operand, size } = tile.own;
  const { unit } = operand;
  const lines: string[] = [];
  if (term % unit.depth === 0) {
    for (let row = 0; row < size; row += unit.rows) {
      lines.push(`let y${term}_${row} = ${loadText(tile, operand, constantPlace(operand, row, term))};`);
    }
  }
  return lines;
}

/** Four own rows, or one, at one term. */
function ownText(unit: Unit, width: 1 | 4, first: number, term: number): string {
  if (unit.rows === 4) return `y${term}_${first}`;
  const each = range(width).map((i) => {
    const name = `y${term - (term % unit.depth)}_${first + i}`;
    return unit.depth === 4 ? `${name}.${"xyzw"[term % 4]}` : name;
  });
  return width === 4 ? `vec4(${each.join(", ")})` : each[0]!;
}

/** c += x · w for one shared row and one term. */
function termLines(tile: Tile, name: string, row: number, term: number): string[] {
  const { own, shared, lanes } = tile;
  const { unit } = shared.operand;
  const u = Math.floor(term / unit.depth) * (shared.size / unit.rows) + Math.floor(row / unit.rows);
  const part = widthOf(shared.operand) === 4 ? `.${"xyzw"[(row % unit.rows) + (term % unit.depth)]}` : "";
  const held = `${name}${Math.floor(u / lanes)}${part}`;
  const value = lanes === 1 ? held : `subgroupBroadcast(${held}, ${u % lanes}u)`;
  const width = vectorWidth(tile);
  const factor = width === 4 ? `vec4(${value})` : value;
  const fma = range(own.size / width).map(
    (g) => `c${row}_${g} = fma(s${row}_${term}, ${ownText(own.operand.unit, width, width * g, term)}, c${row}_${g});`,
  );
  return [`let s${row}_${term} = ${factor};`, ...fma];
}
