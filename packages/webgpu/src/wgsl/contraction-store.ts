import type { ContractionKernel } from "@steelyard/compiler";
import { sumName, sumText } from "./contraction-registers.ts";
import type { Tile } from "./contraction-tile.ts";
import { expressionPrinter, wordText } from "./expressions.ts";
import { storageType, toStorage, valueType } from "./scalars.ts";
import { outermost } from "./scopes.ts";
import { indented } from "./text.ts";

/** The epilogue as a function of the place in C and the sum; none where it is the sum itself. */
export function epilogueFunction(kernel: ContractionKernel, offsets: boolean): string[] {
  const { epilogue, outer, m, n, buffers } = kernel;
  if (epilogue.kind === "accumulator") return [];
  const sizes = [...outer, m, n].map(({ size }) => size);
  const axes = sizes.map((_, axis) => `i${axis}`);
  const scope = outermost();
  const around = { axes, sizes, buffers, accumulators: ["a0"], offsets };
  const value = expressionPrinter(around, [{ expr: epilogue, scope }]).value(epilogue, scope);
  const parameters = [...axes.map((name) => `${name}: i32`), "a0: f32"].join(", ");
  return [
    [
      `fn epilogue(${parameters}) -> ${valueType(epilogue.dtype)} {`,
      ...indented([...scope.lines, `return ${value};`]),
      "}",
    ].join("\n"),
  ];
}

/** Stores the tile; rows and columns that the tile before has stored are left out. */
export function storeTile(tile: Tile): string[] {
  const { kernel, along, own, shared, storesFours } = tile;
  const [rows, columns] = along === "m" ? [own, shared] : [shared, own];
  const { outer, m, start } = kernel;
  const width = storesFours ? 4 : 1;
  const base = sumText(
    [
      tile.offsets ? [`i32(${wordText(kernel.buffers.length - 1)})`, 1] : ["0", 0],
      ...outer.map((axis, i) => [`i${i}`, axis.c / width] as const),
      ["m0", m.size > 1 ? m.c / width : 0],
      storesFours ? ["(n0 / 4)", 1] : ["n0", 1],
    ],
    start.c / width,
  );
  const lines = [`let c = ${base};`];
  for (let i = 0; i < rows.size; i++) {
    const stores: string[] = [];
    for (let j = 0; j < columns.size; j += width) {
      const place = sumText([["c", 1]], (i * m.c + j) / width);
      const store = `b${kernel.buffers.length - 1}[${place}] = ${storedText(tile, i, j)};`;
      stores.push(...(isExact(columns) ? [store] : [`if (${j} >= skip_n) { ${store} }`]));
    }
    lines.push(...(isExact(rows) ? stores : [`if (${i} >= skip_m) {`, ...indented(stores), "}"]));
  }
  return lines;
}

/** Whether tiles fill the axis, so that none is moved back. */
export function isExact({ operand, size, count }: Tile["own"]): boolean {
  return size * count === operand.size;
}

function storedText({ kernel, ...rest }: Tile, i: number, j: number): string {
  const tile = { kernel, ...rest };
  const { epilogue, outer, buffers } = kernel;
  const dtype = buffers.at(-1)!;
  const values = Array.from({ length: tile.storesFours ? 4 : 1 }, (_, part) => {
    const column = j + part;
    const sum = tile.along === "n" ? sumName(tile, i, column) : sumName(tile, column, i);
    if (epilogue.kind === "accumulator") return sum;
    const at = [...outer.map((__, axis) => `i${axis}`), sumText([["m0", 1]], i), sumText([["n0", 1]], column)];
    return toStorage(dtype, `epilogue(${at.join(", ")}, ${sum})`);
  });
  return tile.storesFours ? fourOf(values, storageType(dtype)) : values[0]!;
}

/** Four values as a vector; `c.x, c.y, c.z, c.w` is c. */
function fourOf(values: readonly string[], type: string): string {
  const name = values[0]!.slice(0, -2);
  const isOne = values.every((value, i) => value === `${name}.${"xyzw"[i]}`);
  return isOne ? name : `vec4<${type}>(${values.join(", ")})`;
}
