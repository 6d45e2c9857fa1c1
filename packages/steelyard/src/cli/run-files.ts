import { accessSync, appendFileSync, constants, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SteelyardError } from "@steelyard/core";

/** The files a run leaves behind. Writing throws a UsageError when that is no longer possible: a full disk, say. */
export interface RunFiles {
  readonly log: string;
  readonly report: string;
  /** One line of JSON at the end of the log, written at once: what was trained is not lost when a run is cut off. */
  append(line: object): void;
  writeReport(html: string): void;
}

/**
 * The files of a run in a folder, made if need be. Those of the run before stand until the first line is written, behind
 * `header`; then both are gone, so that a report never lies beside the log of another run.
 *
 * @throws UsageError when nothing can be written there
 */
export function openRunFiles(folder: string, header: object): RunFiles {
  const [log, report] = [join(folder, "run.jsonl"), join(folder, "report.html")];
  written(() => {
    makeFolder(resolve(folder));
    accessSync(resolve(folder), constants.W_OK);
    requireFile(log);
    requireFile(report);
  });
  let started = false;
  return {
    log,
    report,
    append: (line) =>
      written(() => {
        if (!started) {
          rmSync(report, { force: true });
          writeFileSync(log, lineOf(header));
          started = true;
        }
        appendFileSync(log, lineOf(line));
      }),
    writeReport: (html) => written(() => writeFileSync(report, html)),
  };
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

/** Does what writes files, and says what is wrong where that fails. */
function written(write: () => void): void {
  try {
    write();
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    throw new SteelyardError({ code: "UsageError", who: "--out", needs: "a folder that can be written", got });
  }
}

/** As `mkdirSync(folder, { recursive: true })`, which tries without end where folders cannot be made, as in /proc. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  mkdirSync(folder);
}

/** What stands where a file is to be written has to be one that can be. */
function requireFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.isDirectory()) throw new Error(`a folder at ${path}`);
  accessSync(path, constants.W_OK);
}
