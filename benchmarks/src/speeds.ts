import { TooSlow } from "./hosts/too-slow.ts";
import type { Contender } from "./hosts/host.ts";
import type { Row } from "./report/row.ts";
import { flopsOf } from "./works/cost.ts";
import type { Work } from "./works/work.ts";

type Who = Pick<Contender, "impl" | "device" | "threads">;

/** How fast everybody was at each kind of work so far, so that nobody waits for what is known to take minutes. */
export interface Speeds {
  note(work: Work, row: Row): void;
  noteFailure(work: Work, who: Who, limitMs: number, error: unknown): void;
  /** Why somebody should not even try, if it would take longer than the limit; null if it would not. */
  objection(work: Work, who: Who, limitMs: number): string | null;
}

export function speedsSoFar(): Speeds {
  const known = new Map<string, number>();
  return {
    note(work, row) {
      if (row.gflops !== null) known.set(key(work, row), row.gflops);
    },
    noteFailure(work, who, limitMs, error) {
      const flops = flopsOf(work);
      if (error instanceof TooSlow && flops !== null) known.set(key(work, who), flops / limitMs / 1e6);
    },
    objection(work, who, limitMs) {
      const [flops, gflops] = [flopsOf(work), known.get(key(work, who))];
      if (flops === null || gflops === undefined || flops / gflops / 1e6 <= limitMs) return null;
      const seconds = Math.round(flops / gflops / 1e9);
      return `not run: ${seconds} s or more at ${gflops.toPrecision(1)} GFLOP/s`;
    },
  };
}

function key({ kind, pass }: Work, { impl, device, threads }: Who): string {
  return [kind, pass, impl, device, threads].join(" ");
}
