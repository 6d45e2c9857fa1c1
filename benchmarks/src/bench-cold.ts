import type { Seat } from "./bench-cpu.ts";
import type { Host } from "./hosts/host.ts";
import type { Row } from "./report/row.ts";
import { coldName } from "./works/catalogue.ts";
import type { NetWork } from "./works/work.ts";

/**
 * Training from nothing: for each seat a fresh process, from its start to the end of the second step, with the most
 * memory it has held by then. `fresh` makes a host of its own for a seat.
 */
export async function benchCold(
  work: NetWork,
  seats: readonly Seat[],
  fresh: (seat: Seat) => Host,
  limit: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const seat of seats) {
    const { impl, device, threads, at } = seat;
    const host = fresh(seat);
    const start = performance.now();
    try {
      await host.ask({ kind: "prepare", at, work }, limit);
      const ms = performance.now() - start;
      const peakMiB = await host.ask({ kind: "memory", at }, limit);
      rows.push({
        work: coldName,
        pass: "step",
        impl,
        device,
        threads,
        ms,
        gflops: null,
        peakShare: null,
        peakMiB,
        error: null,
      });
    } finally {
      host.close();
    }
  }
  return rows;
}
