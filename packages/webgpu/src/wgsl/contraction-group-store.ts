import { part, range, sumText, vectorWidth } from "./contraction-block.ts";
import { foldedIndices, type GroupAxis, type GroupTile } from "./contraction-group.ts";
import { finished, sumArray, sumAt } from "./contraction-store.ts";
import { wordText } from "./expressions.ts";
import { storageType } from "./scalars.ts";
import { indented } from "./text.ts";

/** Position of an invocation's row, a number or a name, in its block. */
function positionOf({ operand: { unit }, threads }: GroupAxis, thread: string, row: number | string): string {
  const step = unit.rows;
  if (typeof row === "number") {
    return sumText([[thread, step]], Math.floor(row / step) * threads * step + (row % step));
  }
  if (step === 1)
    return sumText([
      [thread, 1],
      [row, threads],
    ]);
  return sumText([
    [thread, step],
    [`(${row} / ${step})`, threads * step],
    [`(${row} % ${step})`, 1],
  ]);
}

/**
 * What is finished by a function is stored in a loop over the rows and columns of the invocation, so that it is called in
 * one place of the text: drivers write out every call.
 */
export function storeLines(tile: GroupTile): string[] {
  const { kernel, rows, columns, storesFours } = tile;
  if (kernel.epilogue.kind === "accumulator") return range(rows.each).flatMap((i) => storeRow(tile, i));
  const step = storesFours ? 4 : 1;
  return [
    sumArray(rows.each, columns.each),
    `for (var i = 0; i < ${rows.each}; i++) {`,
    ...indented(
      rowLines(tile, "i", [
        `for (var j = 0; j < ${columns.each}; j += ${step}) {`,
        ...indented(columnLines(tile, "j", finishedLines(tile))),
        "}",
      ]),
    ),
    "}",
  ];
}

/** The element, or the four, of row i and column j. */
function finishedLines({ kernel, columns, storesFours }: GroupTile): string[] {
  const target = `b${kernel.buffers.length - 1}`;
  if (!storesFours) return [`${target}[c + n] = ${finished(kernel, "m", "n", sumAt("i", "j", columns.each))};`];
  return [
    `var stored = vec4<${storageType(kernel.buffers.at(-1)!)}>();`,
    "for (var q = 0; q < 4; q++) {",
    ...indented([
      "let each = j + q;",
      `stored[q] = ${finished(kernel, "m", "n + q", sumAt("i", "each", columns.each))};`,
    ]),
    "}",
    `${target}[c + n / 4] = stored;`,
  ];
}

/** Stores a row of sums as they are. */
function storeRow(tile: GroupTile, i: number): string[] {
  const { kernel, columns, storesFours } = tile;
  const width = storesFours ? 4 : 1;
  const name = (column: number): string =>
    vectorWidth(columns.each) === 4 && !storesFours
      ? `c${i}_${Math.floor(column / 4)}.${part(column % 4)}`
      : `c${i}_${column / width}`;
  const target = `b${kernel.buffers.length - 1}[c + ${storesFours ? "n / 4" : "n"}]`;
  const stores = range(columns.each / width).flatMap((group) => {
    const column = group * width;
    return ["{", ...indented(columnLines(tile, column, [`${target} = ${name(column)};`])), "}"];
  });
  return ["{", ...indented(rowLines(tile, i, stores)), "}"];
}

/** Where a row of the invocation is in C, around what is done for it. */
function rowLines(tile: GroupTile, i: number | string, body: readonly string[]): string[] {
  const { kernel, rows, folded, batch, storesFours } = tile;
  const { outer, m, start, buffers } = kernel;
  const width = storesFours ? 4 : 1;
  const indices = foldedIndices(tile, "row");
  const places = [
    [tile.offsets ? `i32(${wordText(buffers.length - 1)})` : "0", 1] as const,
    ...[...batch, ...folded].map((axis) => [`i${axis}`, outer[axis]!.c / width] as const),
    ["m", m.size > 1 ? m.c / width : 0] as const,
  ];
  const lines = [
    ...folded.map((axis, at) => `let i${axis} = ${indices[at]!};`),
    `let m = ${indices.at(-1)!};`,
    `let c = ${sumText(places, start.c / width)};`,
    ...body,
  ];
  const row = `let row = ${sumText([["m_block", rows.size]])} + ${positionOf(rows, "down", i)};`;
  return rows.total % rows.size === 0 ? [row, ...lines] : [row, `if (row < ${rows.total}) {`, ...indented(lines), "}"];
}

function columnLines({ columns }: GroupTile, j: number | string, body: readonly string[]): string[] {
  const n = `let n = ${sumText([["n_block", columns.size]])} + ${positionOf(columns, "across", j)};`;
  return columns.total % columns.size === 0 ? [n, ...body] : [n, `if (n < ${columns.total}) {`, ...indented(body), "}"];
}
