import { machineLine, sectionsOf } from "./report.ts";
import type { Results } from "./row.ts";
import { markdownTable } from "./table.ts";

/** The results for reading, as Markdown. */
export function markdownOf(results: Results): string {
  const sections = sectionsOf(results).map(
    ({ title, text, table }) => `## ${title}\n\n${text}\n\n${markdownTable(table)}\n`,
  );
  return [`# Benchmarks\n\n${machineLine(results)}\n`, ...sections].join("\n");
}
