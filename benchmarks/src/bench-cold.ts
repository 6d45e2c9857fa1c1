import type { Seat } from "./bench-works.ts";
import type { Host } from "./hosts/host.ts";
import { reasonOf } from "./implementations/implementation.ts";
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
    const title = { work: coldName, pass: "step", impl, device, threads, gflops: null, peakShare: null } as const;
    const host = fresh(seat);
    const start = performance.now();
    try {
      const { id } = await host.ask({ kind: "prepare", at, work }, limit);
      const ms = performance.now() - start;
      rows.push({ ...title, ms, peakMiB: await host.ask({ kind: "memory", id }, limit), error: null });
    } catch (error) {
      rows.push({ ...title, ms: null, error: reasonOf(error) });
    } finally {
      host.close();
    }
  }
  return rows;
}
