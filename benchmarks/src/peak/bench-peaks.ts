import type { Host } from "../hosts/host.ts";
import { median } from "../median.ts";
import type { Row } from "../report/row.ts";

const limit = 60_000;

/** The peaks that the shares in `rows` refer to, a row for each family of the processes that have measured something. */
export async function benchPeaks(hosts: readonly Host[], rows: readonly Row[], rounds: number): Promise<Row[]> {
  if (rows.length === 0) return [];
  const open = [...new Map(hosts.filter((host) => host.isOpen()).map((host) => [host.family, host])).values()];
  const rates = open.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, host] of open.entries()) rates[i]!.push(await host.ask({ kind: "peak" }, limit));
  }
  return open.map(({ family }, i) => {
    const gflops = median(rates[i]!);
    const title = { work: "peak loop, 1 GFLOP", pass: "forward", impl: "peak", device: family, threads: 1 } as const;
    return { ...title, ms: 1000 / gflops, gflops, peakShare: 1, error: null };
  });
}
