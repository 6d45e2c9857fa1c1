import type { ContractionKernel } from "@steelyard/compiler";
import type { RenderOptions } from "../shader.ts";
import { estimatedCost, longestBlock } from "./contraction-cost.ts";
import { tileOf } from "./contraction-tile.ts";

/**
 * How a contraction is computed: any values give the same result for whole numbers, nothing has to divide anything. Sizes
 * are what is aimed at; tiles are made equal in size, and no larger than C.
 */
export interface ContractionSchedule {
  /** "registers": operands are read from where they lie; "workgroup": blocks of them are shared in workgroup memory. */
  readonly kind: "registers" | "workgroup";
  /** Rows and columns of C that one invocation computes. */
  readonly rows: number;
  readonly columns: number;
  /** How many terms of the sum are read, and then added, together. */
  readonly depth: number;
  /** The axis of C along which neighbouring invocations lie. */
  readonly along: "m" | "n";
  /**
   * Of "registers": so many invocations, a subgroup, lie side by side and share what they load of the operand that all of
   * them need; 1: each loads everything for itself.
   */
  readonly lanes: number;
}

type Options = Omit<RenderOptions, "schedule">;

/** What is likely the quickest: the first candidate. */
export function defaultSchedule(kernel: ContractionKernel, options: Options): ContractionSchedule {
  return candidates(kernel, options)[0]!;
}

/** Schedules that are worth a trial, the likeliest first. */
export function candidates(kernel: ContractionKernel, options: Options): readonly ContractionSchedule[] {
  const { features, limits } = options;
  const lanes = features.subgroups ? (limits.subgroup ?? 1) : 1;
  const best = new Map<string, { readonly schedule: ContractionSchedule; readonly cost: number }>();
  for (const schedule of registerSchedules(lanes)) {
    const tile = tileOf(kernel, schedule, options);
    const { along, own, shared, depth } = tile;
    if (own.size * shared.size * depth > longestBlock) continue;
    const key = [along, own.size, shared.size, depth].join();
    if (!best.has(key)) best.set(key, { schedule, cost: estimatedCost(tile) });
  }
  const sorted = [...best.values()].toSorted((a, b) => a.cost - b.cost);
  return sorted.slice(0, mostCandidates).map(({ schedule }) => schedule);
}

const mostCandidates = 8;

function registerSchedules(lanes: number): ContractionSchedule[] {
  return (["n", "m"] as const).flatMap((along) =>
    [1, 2, 3, 4, 6, 8].flatMap((own) =>
      [1, 4, 6, 8, 12, 16, 24, 32].flatMap((shared) =>
        [1, 2, 4, 8].map((depth): ContractionSchedule => {
          const [rows, columns] = along === "m" ? [own, shared] : [shared, own];
          return { kind: "registers", rows, columns, depth, along, lanes };
        }),
      ),
    ),
  );
}
