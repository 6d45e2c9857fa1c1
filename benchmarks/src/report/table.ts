/** A table as data: words to the left, figures to the right. */
export interface Table {
  readonly head: readonly string[];
  /** How many of the first columns are words. */
  readonly words: number;
  readonly rows: readonly (readonly string[])[];
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** In Markdown, aligned for reading as plain text too. */
export function markdownTable({ head, words, rows }: Table): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((cells) => cells[i]!.length)));
  const aligned = (cells: readonly string[]): string =>
    line(cells.map((cell, i) => (i < words ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))));
  const rule = line(widths.map((width, i) => (i < words ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)));
  return [aligned(head), rule, ...rows.map(aligned)].join("\n");
}

/** In HTML. */
export function htmlTable({ head, words, rows }: Table): string {
  const cell = (tag: string) => (text: string, i: number) =>
    `<${tag}${i < words ? "" : ' class="figure"'}>${escaped(text)}</${tag}>`;
  const row = (cells: readonly string[], tag: string): string => `<tr>${cells.map(cell(tag)).join("")}</tr>`;
  const body = rows.map((cells) => row(cells, "td")).join("\n");
  return `<table>\n<thead>${row(head, "th")}</thead>\n<tbody>\n${body}\n</tbody>\n</table>`;
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
