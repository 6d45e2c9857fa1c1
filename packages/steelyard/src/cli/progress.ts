/** Where lines go: `process.stdout`, or a test's. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Lines that are rewritten in place on a terminal, and printed now and then where there is none. */
export interface LiveLines {
  update(lines: readonly string[]): void;
  /** Leaves the last text standing and goes to the next line. */
  end(lines: readonly string[]): void;
}

// A terminal is not worth more than ten frames a second, a log file not more than a block in ten seconds.
const terminalPause = 100;
const filePause = 10_000;

export function liveLines(screen: Screen, now: () => number = () => performance.now()): LiveLines {
  const terminal = screen.isTTY === true;
  let printed = -Infinity;
  let height = 0;
  const print = (lines: readonly string[]): void => {
    printed = now();
    // Rows that the terminal broke by itself could not be counted, and going up would land too low.
    // (A terminal that does not know its width says 0.)
    const rows = terminal ? lines.flatMap((line) => brokenAt((screen.columns || 120) - 1, line)) : lines;
    const home = terminal && height > 0 ? `\u001b[${height}A\u001b[J` : "";
    screen.write(home + rows.map((row) => `${row}\n`).join(""));
    height = rows.length;
  };
  return {
    update: (lines) => {
      if (now() - printed >= (terminal ? terminalPause : filePause)) print(lines);
    },
    end: print,
  };
}

/** A line as rows of at most `width` letters, broken between its parts, which two spaces keep apart. */
function brokenAt(width: number, line: string): string[] {
  const rows = [""];
  for (const part of line.split(/(?<= {2})(?! )/u)) {
    const row = rows.at(-1)! + part;
    if (row.trimEnd().length <= width || rows.at(-1) === "") rows[rows.length - 1] = row;
    else rows.push(`  ${part}`);
  }
  return rows.map((row) => row.slice(0, width).trimEnd());
}

/** 75 as `1:15`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Cells as aligned columns, the first to the left, the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}
