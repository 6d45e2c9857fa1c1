import type { ContractionKernel } from "@steelyard/compiler";
import type { RenderOptions } from "../shader.ts";

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

type Options = Pick<RenderOptions, "adapter" | "features" | "limits">;

/** What is likely the quickest: the first candidate. */
export function defaultSchedule(kernel: ContractionKernel, options: Options): ContractionSchedule {
  return candidates(kernel, options)[0]!;
}

/** Schedules that are worth a trial, the likeliest first. */
export function candidates(_kernel: ContractionKernel, options: Options): readonly ContractionSchedule[] {
  const lanes = options.features.subgroups ? (options.limits.subgroup ?? 1) : 1;
  return [
    { kind: "registers", rows: 16, columns: 4, depth: 4, along: "n", lanes },
    { kind: "registers", rows: 8, columns: 8, depth: 4, along: "n", lanes: 1 },
  ];
}
