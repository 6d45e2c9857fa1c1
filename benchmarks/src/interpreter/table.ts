import { markdownTable } from "../report/table.ts";
import type { Row } from "./bench-interpreter.ts";

const head = ["work", "pass", "ms before", "ms after", "GFLOP/s before", "GFLOP/s after", "best before", "best after"];

/** The rows as a Markdown table. */
export function timingsTable(rows: readonly Row[]): string {
  const lines = rows.map(({ work, pass, before, after }) => [
    work,
    pass,
    ...[before.ms, after.ms, before.gflops, after.gflops, before.bestGflops, after.bestGflops].map((x) => x.toFixed(2)),
  ]);
  return markdownTable({ head, words: 2, rows: lines });
}
