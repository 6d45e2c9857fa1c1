import { blockLines, allOf, part, range, sumText, sumVariables, type Fragment } from "./contraction-block.ts";
import { foldedIndices, type GroupAxis, type GroupTile } from "./contraction-group.ts";
import { storeLines } from "./contraction-group-store.ts";
import { widthOf } from "./contraction-operand.ts";
import { loadText } from "./contraction-registers.ts";
import { wordText } from "./expressions.ts";
import { indented } from "./text.ts";

// Blocks in workgroup memory: all invocations of a workgroup load a block of A and one of B together, and then each
// multiplies the rows and columns that are its own. What is beyond the ends of C or of the sum is loaded as 0.
//
//   for each block of terms:
//     barrier;  tile_a, tile_b = blocks of A and B;  barrier
//     for each four terms: read x and y from the tiles; c += x · y

/** The workgroup variables. */
export function tileVariables({ rows, columns }: GroupTile): string[] {
  return [rows, columns].map(({ operand, units }) => {
    const type = widthOf(operand) === 4 ? "vec4<f32>" : "f32";
    return `var<workgroup> tile_${operand.name}: array<${type}, ${units}>;`;
  });
}

/** Statements after those that say which block it is: `m_block`, `n_block` and the indices of the batch. */
export function groupLines(tile: GroupTile): string[] {
  const { kernel, rows, columns, depth, step } = tile;
  const last = kernel.k.length - 1;
  const inner = kernel.k[last]!.size;
  const product = blockLines(fragment(rows, "x_at", "u", step), fragment(columns, "y_at", "w", step), step);
  const turns = depth / step;
  const block = [
    "workgroupBarrier();",
    ...loadLines(tile, rows),
    ...loadLines(tile, columns),
    "workgroupBarrier();",
    ...(turns === 1 ? ["{", ...indented(["let q = 0;", ...product]), "}"] : loop("q", turns, product)),
  ];
  const nest = kernel.k
    .slice(0, -1)
    .reduceRight(
      (lines, { size }, axis) => (size === 1 ? lines : loop(`k${axis}`, size, lines)),
      inner === 0 ? [] : loop(`k${last}`, Math.ceil(inner / depth), block),
    );
  return [
    "let local = i32(local_invocation_index);",
    `let down = local / ${columns.threads};`,
    `let across = local % ${columns.threads};`,
    ...unitLines(tile, rows, "m_block"),
    ...unitLines(tile, columns, "n_block"),
    `let x_at = ${fragmentStart(rows, "down")};`,
    `let y_at = ${fragmentStart(columns, "across")};`,
    ...sumVariables(rows.each, columns.each),
    ...nest,
    ...storeLines(tile),
  ];
}

function loop(name: string, size: number, lines: readonly string[]): string[] {
  return [`for (var ${name} = 0; ${name} < ${size}; ${name}++) {`, ...indented(lines), "}"];
}

/** How many units of a block each invocation loads. */
function loadsOf({ depth, invocations }: GroupTile, { operand, size }: GroupAxis): { count: number; each: number } {
  const count = (size * depth) / widthOf(operand);
  return { count, each: Math.ceil(count / invocations) };
}

/** What an invocation loads: for each unit its row, its first term, where it lies and where it goes. */
function unitLines(tile: GroupTile, axis: GroupAxis, block: string): string[] {
  const { operand, size, pitch } = axis;
  const { unit, name } = operand;
  const { each } = loadsOf(tile, axis);
  const width = widthOf(operand);
  const [along, deep] = [size / unit.rows, tile.depth / unit.depth];
  return range(each).flatMap((s) => {
    const u = `${name}_unit${s}`;
    const [row, term] = isDeepFirst(axis)
      ? [`${u} / ${deep}`, `${u} % ${deep}`]
      : [`${u} % ${along}`, `${u} / ${along}`];
    const slot = unit.depth === 4 ? [`(${row})`, `(${term})`] : [`(${term})`, `(${row})`];
    const rowName = `${name}_row${s}`;
    const place = [
      ...rowPlace(tile, axis, rowName),
      [`(${term})`, (unit.depth * operand.sum.at(-1)!) / width] as const,
    ];
    return [
      `let ${u} = ${sumText([["local", 1]], s * tile.invocations)};`,
      `let ${rowName} = ${sumText([
        [block, size],
        [`(${row})`, unit.rows],
      ])};`,
      `let ${name}_place${s} = ${sumText(place, operand.start / width)};`,
      `let ${name}_slot${s} = ${sumText([
        [slot[0]!, pitch],
        [slot[1]!, 1],
      ])};`,
    ];
  });
}

/** Neighbours load what lies side by side: along the sum, or along the rows. */
function isDeepFirst({ operand: { unit, sum, step } }: GroupAxis): boolean {
  if (unit.depth === 4) return true;
  return unit.rows === 1 && Math.abs(sum.at(-1)!) < Math.abs(step);
}

/** Where a row of the operand begins, in units, as terms of a sum. */
function rowPlace(tile: GroupTile, { operand }: GroupAxis, row: string): (readonly [string, number])[] {
  const width = widthOf(operand);
  const begin = tile.offsets ? `i32(${wordText(operand.buffer)})` : "0";
  const batch = tile.batch.map((axis) => [`i${axis}`, operand.outer[axis]! / width] as const);
  const own = (index: string): readonly [string, number] =>
    operand.unit.rows === 4 ? [`${index} / 4`, 1] : [index, operand.step / width];
  if (operand.name === "b") return [[begin, 1], ...batch, own(row)];
  const indices = foldedIndices(tile, row);
  const folded = tile.folded.map((axis, i) => [indices[i]!, operand.outer[axis]! / width] as const);
  return [[begin, 1], ...batch, ...folded, own(indices.at(-1)!)];
}

/** Loads a block into workgroup memory. */
function loadLines(tile: GroupTile, axis: GroupAxis): string[] {
  const { kernel, depth } = tile;
  const { operand, total, size } = axis;
  const { name, unit } = operand;
  const width = widthOf(operand);
  const last = kernel.k.length - 1;
  const inner = kernel.k[last]!.size;
  const walked = kernel.k.map(({ size: terms }, k) => {
    const step = (operand.sum[k]! * (k === last ? depth : 1)) / width;
    return [k === last || terms > 1 ? `k${k}` : "0", step] as const;
  });
  const { count, each } = loadsOf(tile, axis);
  const lines = range(each).flatMap((s) => {
    const tests: string[] = [];
    if (total % size !== 0) tests.push(`${name}_row${s} < ${total}`);
    if (inner % depth !== 0) {
      const first = isDeepFirst(axis)
        ? `${name}_unit${s} % ${depth / unit.depth}`
        : `${name}_unit${s} / ${size / unit.rows}`;
      const term = sumText([
        [`k${last}`, depth],
        [`(${first})`, unit.depth],
      ]);
      tests.push(`${term} < ${inner}`);
    }
    const target = `tile_${name}[${name}_slot${s}]`;
    const loaded = loadText(tile, operand, `${name}_place${s} + ${name}`);
    const value = `${name}_value${s}`;
    const zero = `var ${value} = ${width === 4 ? "vec4<f32>()" : "0.0"};`;
    const filled =
      tests.length === 0
        ? [`${target} = ${loaded};`]
        : [zero, `if (${allOf(tests)}) { ${value} = ${loaded}; }`, `${target} = ${value};`];
    const isPartial = s === each - 1 && count % tile.invocations !== 0;
    return isPartial ? [`if (${name}_unit${s} < ${count}) {`, ...indented(filled), "}"] : filled;
  });
  return [`let ${name} = ${sumText(walked)};`, ...lines];
}

/** The first unit of an invocation in the tile. */
function fragmentStart({ operand: { unit }, pitch }: GroupAxis, thread: string): string {
  return unit.depth === 4 ? sumText([[thread, pitch]]) : thread;
}

/**
 * The rows of one invocation. Neighbours have neighbouring units, so that they read neighbouring words: the i-th unit of
 * an invocation is the (i · threads + thread)-th of the block.
 */
function fragment({ operand, each, threads, pitch }: GroupAxis, start: string, name: string, step: 1 | 4): Fragment {
  const { unit } = operand;
  const isFour = widthOf(operand) === 4;
  const nameOf = (row: number, term: number): string =>
    `${name}${term - (term % unit.depth)}_${row - (row % unit.rows)}`;
  return {
    rows: each,
    load(term) {
      if (term % unit.depth !== 0) return [];
      return range(each / unit.rows).map((i) => {
        const place =
          unit.depth === 4
            ? sumText(
                [
                  [start, 1],
                  ["q", 1],
                ],
                i * threads * pitch,
              )
            : sumText(
                [
                  [start, 1],
                  ["q", step * pitch],
                ],
                i * threads + term * pitch,
              );
        return `let ${nameOf(i * unit.rows, term)} = tile_${operand.name}[${place}];`;
      });
    },
    element: (row, term) =>
      isFour ? `${nameOf(row, term)}.${part((row % unit.rows) + (term % unit.depth))}` : nameOf(row, term),
    ...(unit.rows === 4 && { four: nameOf }),
  };
}
