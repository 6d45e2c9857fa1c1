import type { Row } from "./bench-interpreter.ts";

const head = ["work", "pass", "ms before", "ms after", "GFLOP/s before", "GFLOP/s after", "best before", "best after"];
const words = 2;

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** The rows as a Markdown table, aligned for reading as plain text too: words to the left, figures to the right. */
export function markdownTable(rows: readonly Row[]): string {
  const lines = rows.map(({ work, pass, before, after }) => [
    work,
    pass,
    ...[before.ms, after.ms, before.gflops, after.gflops, before.bestGflops, after.bestGflops].map((x) => x.toFixed(2)),
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((cells) => cells[i]!.length)));
  const aligned = (cells: readonly string[]): string =>
    line(cells.map((cell, i) => (i < words ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))));
  const rule = line(widths.map((width, i) => (i < words ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)));
  return [aligned(head), rule, ...lines.map(aligned)].join("\n");
}
