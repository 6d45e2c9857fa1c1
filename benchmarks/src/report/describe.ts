import type { Row } from "./row.ts";

/** `steelyard cpu ×2`: an implementation in a few words. */
export function nameOf({ impl, device, threads }: Pick<Row, "impl" | "device" | "threads">): string {
  return `${impl} ${device} ×${threads}`;
}

/** Three digits, whatever the size: 0.0312, 3.12, 312. */
export function digits(x: number): string {
  const exponent = x === 0 ? 0 : Math.floor(Math.log10(Math.abs(x)));
  return x.toFixed(Math.max(0, 2 - exponent));
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** A row as a line for people who wait. */
export function describe(row: Row): string {
  if (row.ms === null) return `${nameOf(row)}: ${row.error}`;
  const rate = row.gflops === null ? "" : `, ${digits(row.gflops)} GFLOP/s`;
  const share = row.peakShare === null ? "" : `, ${percent(row.peakShare)} of the peak`;
  return `${nameOf(row)}: ${digits(row.ms)} ms${rate}${share}`;
}
