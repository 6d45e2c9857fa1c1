import type { ContractionKernel } from "@steelyard/compiler";
import { allOf, sumNames, sumText, vectorWidth } from "./contraction-block.ts";
import type { Tile } from "./contraction-tile.ts";
import { expressionFunction } from "./expression-function.ts";
import { wordText } from "./expressions.ts";
import { storageType, toStorage } from "./scalars.ts";
import { indented } from "./text.ts";

/** The epilogue as a function of the place in C and the sum; none where it is the sum itself. */
export function epilogueFunction({ epilogue, outer, m, n, buffers }: ContractionKernel, offsets: boolean): string[] {
  if (epilogue.kind === "accumulator") return [];
  const sizes = [...outer, m, n].map(({ size }) => size);
  const axes = sizes.map((_, axis) => `i${axis}`);
  return [expressionFunction("epilogue", epilogue, { axes, sizes, buffers, accumulators: ["a0"], offsets })];
}

/** The epilogue of one element. */
export function finished({ epilogue, outer, buffers }: ContractionKernel, m: string, n: string, sum: string): string {
  if (epilogue.kind === "accumulator") return sum;
  const at = [...outer.map((_, axis) => `i${axis}`), m, n];
  return toStorage(buffers.at(-1)!, `epilogue(${at.join(", ")}, ${sum})`);
}

/** Whether tiles fill the axis, so that none is moved back. */
export function isExact({ operand, size, count }: Tile["own"]): boolean {
  return size * count === operand.size;
}

/** The sums as an array, to be counted through. */
export function sumArray(rows: number, columns: number): string {
  const names = sumNames(rows, columns).flat();
  return `var sums = array<${vectorWidth(columns) === 4 ? "vec4<f32>" : "f32"}, ${names.length}>(${names.join(", ")});`;
}

/** An element of `sums`; the row and the column are names. */
export function sumAt(row: string, column: string, columns: number): string {
  if (vectorWidth(columns) === 1)
    return `sums[${sumText([
      [row, columns],
      [column, 1],
    ])}]`;
  const group = columns === 4 ? "0" : `${column} / 4`;
  return `sums[${sumText([
    [row, columns / 4],
    [group, 1],
  ])}][${column} % 4]`;
}

/**
 * Stores the tile; rows and columns that the tile before has stored are left out. One store stands in the text, and one
 * call of the epilogue, in a loop over the tile: drivers write out every call, and every place in memory that a text names
 * takes software adapters tens of milliseconds to compile.
 */
export function storeTile(tile: Tile): string[] {
  const { own, shared, along, storesFours } = tile;
  const fours = storesFours ? 4 : 1;
  // A round of the loop stores an element, or four along n.
  const [ownStep, sharedStep] = along === "n" ? [fours, 1] : [1, fours];
  const across = own.size / ownStep;
  const rounds = (across * shared.size) / sharedStep;
  const [t, i] = across === 1 ? ["e", "0"] : [`(e / ${across})`, `(e % ${across})`];
  const tests = [
    ...(isExact(shared) ? [] : [`t >= skip_${shared.axis}`]),
    ...(isExact(own) ? [] : [`i >= skip_${own.axis}`]),
  ];
  const round = roundLines(tile);
  const guarded = tests.length === 0 ? round : [`if (${allOf(tests)}) {`, ...indented(round), "}"];
  return [
    `let c = ${firstPlace(tile)};`,
    sumArray(shared.size, own.size),
    `for (var e = zero; e < ${rounds}; e++) {`,
    ...indented([`let t = ${sumText([[t, sharedStep]])};`, `let i = ${sumText([[i, ownStep]])};`, ...guarded]),
    "}",
  ];
}

/** The place of the tile's first element in C, in what is stored at once. */
function firstPlace({ kernel, storesFours, offsets }: Tile): string {
  const { outer, m, start, buffers } = kernel;
  const width = storesFours ? 4 : 1;
  return sumText(
    [
      [offsets ? `i32(${wordText(buffers.length - 1)})` : "0", 1],
      ...outer.map((axis, i) => [`i${i}`, axis.c / width] as const),
      ["m0", m.size > 1 ? m.c / width : 0],
      [storesFours ? "n0 / 4" : "n0", 1],
    ],
    start.c / width,
  );
}

function roundLines(tile: Tile): string[] {
  const { kernel, along, storesFours } = tile;
  const [row, column] = along === "n" ? ["t", "i"] : ["i", "t"];
  const width = storesFours ? 4 : 1;
  const step = (kernel.m.size > 1 ? kernel.m.c : 0) / width;
  const place = sumText([
    ["c", 1],
    [row, step],
    [storesFours ? `${column} / 4` : column, 1],
  ]);
  const target = `b${kernel.buffers.length - 1}[${place}]`;
  if (!storesFours) return [`${target} = ${elementText(tile, "t", "i")};`];
  if (along === "n" && kernel.epilogue.kind === "accumulator") return [`${target} = sums[e];`];
  const [of, element] = along === "n" ? ["i", elementText(tile, "t", "each")] : ["t", elementText(tile, "each", "i")];
  return [
    `var stored = vec4<${storageType(kernel.buffers.at(-1)!)}>();`,
    "for (var j = zero; j < 4; j++) {",
    ...indented([`let each = ${of} + j;`, `stored[j] = ${element};`]),
    "}",
    `${target} = stored;`,
  ];
}

/** The finished element of a shared and an own row, both of them names. */
function elementText({ kernel, along, own, shared }: Tile, t: string, i: string): string {
  const sum = sumAt(t, i, own.size);
  const [sharedRow, ownRow] = [`${shared.axis}0 + ${t}`, `${own.axis}0 + ${i}`];
  return along === "n" ? finished(kernel, sharedRow, ownRow, sum) : finished(kernel, ownRow, sharedRow, sum);
}
