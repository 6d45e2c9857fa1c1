import { closeSync, openSync } from "node:fs";
import { parseArgs } from "node:util";
import { usageError } from "./usage-error.ts";

/** What all benchmarks take. */
export interface Arguments {
  readonly help: boolean;
  readonly quick: boolean;
  /** Empty when everything is meant. */
  readonly only: string;
  /** What is left out, as parts of `implementation device`. */
  readonly without: readonly string[];
  readonly json: string | null;
  readonly positionals: readonly string[];
}

/**
 * Reads the command line, and refuses what cannot be done before anything is measured.
 *
 * @throws UsageError
 */
export function argumentsOf(args: readonly string[]): Arguments {
  const { values, positionals } = split(args);
  const { help, quick, only, without, json = null } = values;
  if (json !== null) requireWritable(json);
  return { help, quick, only, without, json, positionals };
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
        without: { type: "string", multiple: true, default: [] },
        json: { type: "string" },
      },
    });
  } catch (error) {
    // "Unknown option '--x'. To specify a positional argument …": the first sentence says it.
    const [said] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw usageError("[cpu | webgpu | interpreter] [--quick] [--only TEXT] [--without TEXT] [--json FILE]", said!);
  }
}

function requireWritable(path: string): void {
  try {
    closeSync(openSync(path, "a"));
  } catch (error) {
    throw usageError("a file to write to after --json", (error as Error).message);
  }
}
