import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import type { Pass } from "./work.ts";

/** One measurement. Times are medians; `peakShare` is relative to a peak loop measured in the same process. */
export interface Row {
  readonly work: string;
  readonly pass: Pass;
  readonly impl: string;
  readonly device: string;
  readonly threads: number;
  readonly ms: number;
  readonly gflops: number;
  readonly peakShare: number;
  /** Why an implementation could not do the work; null when it could. */
  readonly error: string | null;
}

export interface Results {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number; readonly node: string };
  readonly commit: string;
  readonly rows: readonly Row[];
}

export function resultsOf(rows: readonly Row[]): Results {
  const [cpu] = cpus();
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  const machine = { cpu: cpu?.model ?? "unknown", cores: cpus().length, memoryGiB, node: process.version };
  return { machine, commit: currentCommit(), rows };
}

function currentCommit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

/** The rows as a Markdown table. */
export function markdownTable(rows: readonly Row[]): string {
  const head = ["work", "pass", "implementation", "device", "threads", "ms", "GFLOP/s", "share of peak"];
  const lines = rows.map((row) => {
    const figures = [row.ms.toFixed(2), row.gflops.toFixed(2), `${Math.round(row.peakShare * 100)} %`];
    return [
      row.work,
      row.pass,
      row.impl,
      row.device,
      row.threads,
      ...(row.error === null ? figures : [row.error, "", ""]),
    ];
  });
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
