import type { ContractionKernel } from "@steelyard/compiler";
import type { RenderOptions } from "../shader.ts";
import { operandsOf, widthOf, type Operand } from "./contraction-operand.ts";
import type { WorkgroupSchedule } from "./contraction-schedule.ts";
import { isAligned } from "./contraction-tile.ts";

/**
 * The block of C that a workgroup computes. Its rows run over m and those outer axes along which B stands still, taken
 * together: images and positions of a convolution are one long axis, and only its end is ragged.
 */
export interface GroupTile {
  readonly kernel: ContractionKernel;
  readonly rows: GroupAxis;
  readonly columns: GroupAxis;
  /** Terms of the sum that are in workgroup memory at a time, and that are read from there at a time. */
  readonly depth: number;
  readonly step: 1 | 4;
  readonly invocations: number;
  /** The outer axes that are part of the rows, and the others. */
  readonly folded: readonly number[];
  readonly batch: readonly number[];
  readonly storesFours: boolean;
  readonly offsets: boolean;
}

export interface GroupAxis {
  readonly operand: Operand;
  /** Rows of one invocation, invocations along the axis, and rows of the block. */
  readonly each: number;
  readonly threads: number;
  readonly size: number;
  /** Rows and blocks of C. */
  readonly total: number;
  readonly blocks: number;
  /** How the block lies in workgroup memory: units, and units from one row, or one term, to the next. */
  readonly units: number;
  readonly pitch: number;
}

export function groupTileOf(
  kernel: ContractionKernel,
  schedule: WorkgroupSchedule,
  { offsets }: Pick<RenderOptions, "offsets">,
): GroupTile {
  const operands = operandsOf(kernel, !offsets);
  const inner = kernel.k.at(-1)!.size;
  const fours = Object.values(operands).some(({ unit }) => unit.depth === 4);
  const depth = Math.max(1, Math.min(schedule.depth, inner));
  const even = fours ? Math.ceil(depth / 4) * 4 : depth;
  const axes = kernel.outer.map((_, axis) => axis);
  const folded = axes.filter((axis) => kernel.outer[axis]!.b === 0);
  const rows = folded.reduce((count, axis) => count * kernel.outer[axis]!.size, kernel.m.size);
  const [down, across] = schedule.invocations;
  return {
    kernel,
    rows: groupAxis(operands.m, schedule.rows, down, rows, even),
    columns: groupAxis(operands.n, schedule.columns, across, kernel.n.size, even),
    depth: even,
    step: even % 4 === 0 ? 4 : 1,
    invocations: down * across,
    folded,
    batch: axes.filter((axis) => !folded.includes(axis)),
    storesFours: !offsets && isAligned(kernel) && operands.n.unit.rows === 4,
    offsets,
  };
}

function groupAxis(operand: Operand, wanted: number, threads: number, total: number, depth: number): GroupAxis {
  const { unit } = operand;
  const each = Math.ceil(wanted / unit.rows) * unit.rows;
  const size = each * threads;
  // One more than needed, so that neighbours do not meet in the banks of the memory when they lie across it.
  const pitch = unit.rows === 4 ? size / 4 : unit.depth === 4 ? depth / 4 + 1 : size + 1;
  const units = pitch * (unit.depth === 4 ? size : depth);
  return { operand, each, threads, size, total, blocks: Math.ceil(total / size), units, pitch };
}

/** Bytes of workgroup memory. */
export function groupBytes({ rows, columns }: GroupTile): number {
  return 4 * (rows.units * widthOf(rows.operand) + columns.units * widthOf(columns.operand));
}

/** The indices of the folded axes and of m, from the number of a row. */
export function foldedIndices({ kernel, folded }: GroupTile, row: string): string[] {
  const sizes = [...folded.map((axis) => kernel.outer[axis]!.size), kernel.m.size];
  return sizes.map((size, i) => {
    const below = sizes.slice(i + 1).reduce((product, each) => product * each, 1);
    const quotient = below === 1 ? row : `${row} / ${below}`;
    if (i === 0) return below === 1 ? row : `(${quotient})`;
    return below === 1 ? `(${row} % ${size})` : `(${quotient} % ${size})`;
  });
}
