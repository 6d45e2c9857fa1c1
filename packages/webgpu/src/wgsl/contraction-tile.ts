import type { ContractionKernel } from "@steelyard/compiler";
import type { RenderOptions } from "../shader.ts";
import { operandsOf, type Operand } from "./contraction-operand.ts";
import type { RegisterSchedule } from "./contraction-schedule.ts";

/**
 * The tile of C that one invocation computes. Along one axis, m or n, neighbouring invocations have tiles of their *own*;
 * along the other all `lanes` invocations of a subgroup have the same rows, which they *share*. The last tile of an axis is
 * moved back until it ends where C ends, and leaves out what the tile before it stores.
 */
export interface Tile {
  readonly kernel: ContractionKernel;
  readonly along: "m" | "n";
  readonly own: TileAxis;
  readonly shared: TileAxis;
  /** Terms that are read and added together. */
  readonly depth: number;
  readonly lanes: number;
  /** Whether four elements of C are stored at once. */
  readonly storesFours: boolean;
  /** Whether buffers begin where runtime words say. */
  readonly offsets: boolean;
}

export interface TileAxis {
  readonly axis: "m" | "n";
  readonly operand: Operand;
  /** Rows of the operand in one tile, and tiles. Tiles that lie beyond the last one repeat it. */
  readonly size: number;
  readonly count: number;
}

export function tileOf(
  kernel: ContractionKernel,
  schedule: RegisterSchedule,
  { offsets }: Pick<RenderOptions, "offsets">,
): Tile {
  const operands = operandsOf(kernel, !offsets);
  const { along, lanes } = schedule;
  const storesFours = !offsets && isAligned(kernel);
  const axis = (name: "m" | "n", neighbours: number): TileAxis => {
    const operand = operands[name];
    const granule = operand.unit.rows === 4 || (name === "n" && storesFours) ? 4 : 1;
    return {
      axis: name,
      operand,
      ...cut(operand.size, schedule[name === "m" ? "rows" : "columns"], neighbours, granule),
    };
  };
  const [own, shared] = [axis(along, lanes), axis(along === "m" ? "n" : "m", 1)];
  const inner = kernel.k.at(-1)!.size;
  const fours = Object.values(operands).some(({ unit }) => unit.depth === 4);
  const wanted = Math.max(1, Math.min(schedule.depth, inner));
  return {
    kernel,
    along,
    own,
    shared,
    depth: fours ? Math.max(4, wanted - (wanted % 4)) : wanted,
    lanes,
    storesFours,
    offsets,
  };
}

/** An axis as tiles of equal size, at most `most` if that is a multiple of the granule, `neighbours` of them side by side. */
function cut(size: number, most: number, neighbours: number, granule: number): { size: number; count: number } {
  const groups = Math.ceil(size / (neighbours * Math.max(most, granule)));
  const each = Math.ceil(size / (neighbours * groups * granule)) * granule;
  return { size: each, count: groups * neighbours };
}

/** Whether C can be stored in fours of elements along n. */
export function isAligned({ buffers, outer, m, n, start }: ContractionKernel): boolean {
  const steps = [start.c, n.size, ...(m.size > 1 ? [m.c] : []), ...outer.map((axis) => axis.c)];
  return buffers.at(-1) !== "bool" && steps.every((step) => step % 4 === 0);
}
