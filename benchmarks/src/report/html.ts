import { machineLine, sectionsOf } from "./report.ts";
import type { Results } from "./row.ts";
import { escaped, htmlTable } from "./table.ts";

/** How the tables look. */
export const tableStyle = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; color-scheme: light dark; }
div { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0.7rem; border-bottom: 1px solid #8884; text-align: left; vertical-align: top; }
th.figure, td.figure { text-align: right; white-space: nowrap; }`;

/** The same as a page of its own, which loads nothing. */
export function htmlOf(results: Results): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Benchmarks of Steelyard</title>
<style>${tableStyle}
</style>
<h1>Benchmarks</h1>
<p>${escaped(machineLine(results))}</p>
${sectionsHtml(results)}
</html>
`;
}

/** The tables alone, as parts of a page. */
export function sectionsHtml(results: Results): string {
  const sections = sectionsOf(results).map(({ title, text, table }) => {
    return `<h2>${title}</h2>\n<p>${escaped(text)}</p>\n<div>${htmlTable(table)}</div>`;
  });
  return sections.join("\n");
}
