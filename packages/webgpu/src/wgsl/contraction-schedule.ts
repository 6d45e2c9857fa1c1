import type { ContractionKernel } from "@steelyard/compiler";
import type { RenderOptions } from "../shader.ts";
import { estimatedCost, groupCost, longestBlock } from "./contraction-cost.ts";
import { groupBytes, groupTileOf } from "./contraction-group.ts";
import { tileOf } from "./contraction-tile.ts";

/**
 * How a contraction is computed: any values give the same result for whole numbers, nothing has to divide anything. Sizes
 * are what is aimed at: fours are kept whole.
 */
export type ContractionSchedule = RegisterSchedule | WorkgroupSchedule;

/**
 * Operands are read from where they lie, and every invocation has a tile of C in registers. Tiles are made equal in size,
 * and no larger than C.
 */
export interface RegisterSchedule {
  readonly kind: "registers";
  /** Rows and columns of C that one invocation computes. */
  readonly rows: number;
  readonly columns: number;
  /** How many terms of the sum are read, and then added, together. */
  readonly depth: number;
  /** The axis of C along which neighbouring invocations lie. */
  readonly along: "m" | "n";
  /**
   * So many invocations, a subgroup, lie side by side and share what they load of the operand that all of them need; 1:
   * each loads everything for itself.
   */
  readonly lanes: number;
}

/** Blocks of the operands are shared in workgroup memory. */
export interface WorkgroupSchedule {
  readonly kind: "workgroup";
  /** Rows and columns of C that one invocation computes. */
  readonly rows: number;
  readonly columns: number;
  /** How many terms of the sum are in workgroup memory at a time. */
  readonly depth: number;
  /** Invocations of a workgroup along m and n. */
  readonly invocations: readonly [m: number, n: number];
}

type Options = Omit<RenderOptions, "schedule">;

/** What is likely the quickest: the first candidate. */
export function defaultSchedule(kernel: ContractionKernel, options: Options): ContractionSchedule {
  return candidates(kernel, options)[0]!;
}

/** Schedules that are worth a trial, the likeliest first. */
export function candidates(kernel: ContractionKernel, options: Options): readonly ContractionSchedule[] {
  return options.adapter === "software" ? registerCandidates(kernel, options) : groupCandidates(kernel, options);
}

const mostCandidates = 8;

function registerCandidates(kernel: ContractionKernel, options: Options): readonly RegisterSchedule[] {
  const { features, limits } = options;
  const lanes = features.subgroups ? (limits.subgroup ?? 1) : 1;
  const best = new Map<string, { readonly schedule: RegisterSchedule; readonly cost: number }>();
  for (const schedule of registerSchedules(lanes)) {
    const tile = tileOf(kernel, schedule, options);
    const { along, own, shared, depth } = tile;
    if (own.size * shared.size * depth > longestBlock) continue;
    const key = [along, own.size, shared.size, depth].join();
    if (!best.has(key)) best.set(key, { schedule, cost: estimatedCost(tile) });
  }
  return cheapest([...best.values()]);
}

function cheapest<Schedule>(priced: readonly { readonly schedule: Schedule; readonly cost: number }[]): Schedule[] {
  const sorted = priced.toSorted((a, b) => a.cost - b.cost);
  return sorted.slice(0, mostCandidates).map(({ schedule }) => schedule);
}

function registerSchedules(lanes: number): RegisterSchedule[] {
  return (["n", "m"] as const).flatMap((along) =>
    [1, 2, 3, 4, 6, 8].flatMap((own) =>
      [1, 4, 6, 8, 12, 16, 24, 32].flatMap((shared) =>
        [1, 2, 4, 8].map((depth): RegisterSchedule => {
          const [rows, columns] = along === "m" ? [own, shared] : [shared, own];
          return { kind: "registers", rows, columns, depth, along, lanes };
        }),
      ),
    ),
  );
}

/** Blocks within what every adapter can do: 256 invocations and 16 KiB. Rows, columns, depth, invocations. */
const blocks: readonly (readonly [number, number, number, number, number])[] = [
  [8, 8, 8, 16, 16],
  [8, 8, 16, 8, 8],
  [8, 4, 16, 16, 16],
  [4, 4, 16, 16, 16],
  [4, 4, 16, 8, 8],
  [4, 4, 32, 16, 4],
  [4, 4, 32, 4, 16],
  [2, 2, 32, 8, 8],
  [4, 1, 32, 32, 2],
  [1, 4, 32, 1, 64],
];

function groupCandidates(kernel: ContractionKernel, options: Options): readonly WorkgroupSchedule[] {
  const { limits } = options;
  const priced = blocks.flatMap(([rows, columns, depth, down, across]) => {
    const schedule: WorkgroupSchedule = { kind: "workgroup", rows, columns, depth, invocations: [down, across] };
    const tile = groupTileOf(kernel, schedule, options);
    if (tile.invocations > limits.invocations || groupBytes(tile) > limits.workgroupBytes) return [];
    return [{ schedule, cost: groupCost(tile) }];
  });
  return cheapest(priced);
}
