import type { ContractionKernel } from "@steelyard/compiler";
import { part, sumNames, sumText, vectorWidth } from "./contraction-block.ts";
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
export function finished(kernel: ContractionKernel, m: string, n: string, sum: string): string {
  const { epilogue, outer, buffers } = kernel;
  if (epilogue.kind === "accumulator") return sum;
  const at = [...outer.map((_, axis) => `i${axis}`), m, n];
  return toStorage(buffers.at(-1)!, `epilogue(${at.join(", ")}, ${sum})`);
}

/** One of the rows that the lanes share: a number, or a variable and a number. */
interface SharedRow {
  readonly name: string | null;
  readonly constant: number;
}

const textOf = ({ name, constant }: SharedRow): string => sumText([[name ?? "0", 1]], constant);

/** Stores the tile; rows and columns that the tile before has stored are left out. */
export function storeTile(tile: Tile): string[] {
  const { kernel, shared, storesFours } = tile;
  const { outer, m, start } = kernel;
  const width = storesFours ? 4 : 1;
  const base = sumText(
    [
      tile.offsets ? [`i32(${wordText(kernel.buffers.length - 1)})`, 1] : ["0", 0],
      ...outer.map((axis, i) => [`i${i}`, axis.c / width] as const),
      ["m0", m.size > 1 ? m.c / width : 0],
      storesFours ? ["n0 / 4", 1] : ["n0", 1],
    ],
    start.c / width,
  );
  const step = storesFours && shared.axis === "n" ? 4 : 1;
  const first = isExact(shared) ? null : `skip_${shared.axis}`;
  return [`let c = ${base};`, ...(tile.compact ? inLoop(tile, step, first) : inFull(tile, step, first))];
}

function inFull(tile: Tile, step: number, first: string | null): string[] {
  const lines: string[] = [];
  for (let t = 0; t < tile.shared.size; t += step) {
    const stores = rowStores(tile, { name: null, constant: t });
    lines.push(...(first === null ? stores : [`if (${t} >= ${first}) {`, ...indented(stores), "}"]));
  }
  return lines;
}

/**
 * The stores of one row stand there once. A compiler that knew how often it is run would write them out again, and stores
 * are what software adapters take longest to compile.
 */
function inLoop(tile: Tile, step: number, first: string | null): string[] {
  const { own, shared } = tile;
  const width = vectorWidth(own.size);
  const sums = sumNames(shared.size, own.size).flat();
  const type = width === 4 ? "vec4<f32>" : "f32";
  return [
    `var sums = array<${type}, ${sums.length}>(${sums.join(", ")});`,
    `for (var t = ${first ?? "i32(tile >> 31u)"}; t < ${shared.size}; t += ${step}) {`,
    ...indented(rowStores(tile, { name: "t", constant: 0 })),
    "}",
  ];
}

/** Stores a shared row, or four that lie side by side along n. */
function rowStores(tile: Tile, t: SharedRow): string[] {
  const { kernel, along, own, storesFours } = tile;
  const fours = storesFours ? 4 : 1;
  const step = along === "n" ? fours : 1;
  const lines: string[] = [];
  for (let j = 0; j < own.size; j += step) {
    const values = Array.from({ length: fours }, (_, q) => {
      const [row, i] = along === "n" ? [t, j + q] : ([{ name: t.name, constant: t.constant + q }, j] as const);
      const rowText = sumText(
        [
          [`${tile.shared.axis}0`, 1],
          [row.name ?? "0", 1],
        ],
        row.constant,
      );
      const ownText = sumText([[`${own.axis}0`, 1]], i);
      const [m, n] = along === "n" ? [rowText, ownText] : [ownText, rowText];
      return finished(kernel, m, n, sumAt(tile, row, i));
    });
    const type = storageType(kernel.buffers.at(-1)!);
    const store = `b${kernel.buffers.length - 1}[${placeAt(tile, t, j)}] = ${fours === 4 ? fourOf(values, type) : values[0]!};`;
    lines.push(isExact(own) ? store : `if (${j} >= skip_${own.axis}) { ${store} }`);
  }
  return lines;
}

/** The place of an element of C, or of four. */
function placeAt({ kernel: { m }, along, storesFours }: Tile, t: SharedRow, own: number): string {
  const width = storesFours ? 4 : 1;
  const step = m.size > 1 ? m.c : 0;
  if (along === "n") {
    return sumText(
      [
        ["c", 1],
        [t.name ?? "0", step / width],
      ],
      (t.constant * step + own) / width,
    );
  }
  const column = storesFours && t.name !== null ? `${t.name} / 4` : (t.name ?? "0");
  return sumText(
    [
      ["c", 1],
      [column, 1],
    ],
    (own * step + t.constant) / width,
  );
}

/** The sum of a shared and an own row. */
function sumAt(tile: Tile, t: SharedRow, own: number): string {
  const width = vectorWidth(tile.own.size);
  const component = width === 4 ? `.${part(own % 4)}` : "";
  const g = Math.floor(own / width);
  if (t.name === null) return `c${textOf(t)}_${g}${component}`;
  const each = tile.own.size / width;
  return `sums[${sumText([[t.name, each]], t.constant * each + g)}]${component}`;
}

/** Whether tiles fill the axis, so that none is moved back. */
export function isExact({ operand, size, count }: Tile["own"]): boolean {
  return size * count === operand.size;
}

/** Four values as a vector; `c.x, c.y, c.z, c.w` is c. */
function fourOf(values: readonly string[], type: string): string {
  const name = values[0]!.slice(0, -2);
  const isOne = values.every((value, i) => value === `${name}.${part(i)}`);
  return isOne ? name : `vec4<${type}>(${values.join(", ")})`;
}
