import { closeSync, openSync } from "node:fs";
import { parseArgs } from "node:util";
import { SteelyardError } from "@steelyard/core";
import { interpreterWork, type Work } from "./work.ts";

export const usage = `pnpm bench interpreter [--quick] [--only TEXT] [--json FILE]

  --quick      short measurements, for a first look
  --only TEXT  work whose name contains TEXT
  --json FILE  write the results to FILE as well`;

function usageError(needs: string, got: string): SteelyardError {
  return new SteelyardError({ code: "UsageError", who: "bench", needs, got });
}

export interface Options {
  readonly help: boolean;
  readonly quick: boolean;
  /** The work that `--only` leaves. */
  readonly works: readonly Work[];
  readonly json: string | null;
}

/**
 * Reads the command line, and refuses what cannot be done before anything is measured.
 *
 * @throws UsageError
 */
export function parse(args: readonly string[]): Options {
  const { values, positionals } = split(args);
  if (positionals.length > 1 || (positionals[0] ?? "interpreter") !== "interpreter") {
    throw usageError("interpreter, the one benchmark there is", positionals.join(" "));
  }
  const { help, quick, only, json = null } = values;
  const all = interpreterWork();
  const works = all.filter(({ name }) => name.includes(only));
  if (works.length === 0) {
    const names = [...new Set(all.map(({ name }) => name))];
    throw usageError(`--only with a part of ${names.join(", ")}`, only);
  }
  if (json !== null) requireWritable(json);
  return { help, quick, works, json };
}

function split(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        only: { type: "string", default: "" },
        json: { type: "string" },
      },
    });
  } catch (error) {
    // "Unknown option '--x'. To specify a positional argument …": the first sentence says it.
    const [said] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw usageError("[interpreter] [--quick] [--only TEXT] [--json FILE]", said!);
  }
}

function requireWritable(path: string): void {
  try {
    closeSync(openSync(path, "a"));
  } catch (error) {
    throw usageError("a file to write to after --json", (error as Error).message);
  }
}
