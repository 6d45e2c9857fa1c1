import { accessSync, appendFileSync, constants, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SteelyardError } from "@steelyard/core";

/** The files a run leaves behind. */
export interface RunFiles {
  readonly log: string;
  readonly report: string;
  /** One line of JSON at the end of the log, written at once: what was trained is not lost when a run is cut off. */
  append(line: object): void;
  writeReport(html: string): void;
}

/**
 * The files of a run in a folder, made if need be. Those of the run before stand until the first line is written.
 *
 * @throws UsageError when nothing can be written there
 */
export function openRunFiles(folder: string): RunFiles {
  const [log, report] = [join(folder, "run.jsonl"), join(folder, "report.html")];
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    throw new SteelyardError({ code: "UsageError", who: "--out", needs: "a folder that can be written", got });
  }
  let write: (path: string, text: string) => void = writeFileSync;
  return {
    log,
    report,
    append: (line) => {
      write(log, `${JSON.stringify(line)}\n`);
      write = appendFileSync;
    },
    writeReport: (html) => writeFileSync(report, html),
  };
}
