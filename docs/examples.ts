/** What the tests of the manual and of the docstrings share. */
import { join } from "node:path";

export const workspace: string = join(import.meta.dirname, "..");

/** Code that stands in a text, and the line of the text it starts on. */
export interface Example {
  readonly line: number;
  readonly code: string;
}

/** The number of the line, from 1, that holds the character at `index`. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
