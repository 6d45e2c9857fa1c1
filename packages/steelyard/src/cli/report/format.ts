/** Numbers as a reader wants them. What is not a number is a dash, never "NaN". */

const dash = "–";
const thousands = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 0.9342 → "93.4 %". */
export function percent(fraction: number): string {
  return Number.isFinite(fraction) ? `${(100 * fraction).toFixed(1)} %` : dash;
}

/** 12345 → "12,345". */
export function count(n: number): string {
  return Number.isFinite(n) ? thousands.format(n) : dash;
}

/** 41.26 → "41.3 s"; 754 → "12 min 34 s". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return dash;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${count(Math.floor(whole / 60))} min ${whole % 60} s`;
}

/** Three significant digits and no trailing zeros: for losses and weights in a sentence. */
export function short(x: number): string {
  if (!Number.isFinite(x)) return dash;
  return String(Number(x.toPrecision(3)));
}

/** ["a", "b", "c"] → "a, b and c". */
export function sentenceList(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`;
}
