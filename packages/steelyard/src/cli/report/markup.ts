/** Markup that cannot forget to escape: a template's values are text unless they are markup already. */

export interface Markup {
  readonly source: string;
}

type Value = string | number | Markup | readonly Markup[];

// The quotes too: the same function serves text and attributes.
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Characters that may not stand in HTML at all become U+FFFD, as a browser would show them. */
function escapeText(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const printable = text.toWellFormed().replace(/[\0-\x08\x0b\x0e-\x1f\x7f]/g, "\uFFFD");
  return printable.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function render(value: Value): string {
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number") return String(value);
  return "source" in value ? value.source : value.map((part) => part.source).join("\n");
}

/** ``markup`<td>${name}</td>` ``: strings are escaped, markup and lists of markup are inserted. */
export function markup(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return { source: strings.reduce((whole, piece, i) => whole + render(values[i - 1] ?? "") + piece) };
}

/** Our own constant text, such as a style sheet. Never for text that came from outside. */
export function trusted(source: string): Markup {
  return { source };
}

export const nothing: Markup = { source: "" };
