/** Where lines go: `process.stdout`, or a test's. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A line that is rewritten in place on a terminal, and printed now and then where there is none. */
export interface LiveLine {
  update(text: string): void;
  /** Leaves the last text standing and goes to the next line. */
  end(text: string): void;
}

const secondsBetweenLines = 5;

export function liveLine(screen: Screen, now: () => number = () => performance.now()): LiveLine {
  const terminal = screen.isTTY === true;
  let printed = -Infinity;
  const print = (text: string): void => {
    printed = now();
    screen.write(terminal ? `\r\u001b[2K${text}` : `${text}\n`);
  };
  return {
    update: (text) => {
      // A terminal is not worth more than ten frames a second, a log file not more than a line in five.
      if (now() - printed >= (terminal ? 100 : secondsBetweenLines * 1000)) print(text);
    },
    end: (text) => {
      print(text);
      if (terminal) screen.write("\n");
    },
  };
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
