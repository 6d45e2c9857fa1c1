import { spawnSync } from "node:child_process";
import { median } from "../median.ts";
import type { Row } from "../report/row.ts";
import type { Starter } from "./starters.ts";

/** Whole processes, one after another in rounds; medians over the rounds. */
export function benchStart(starters: readonly Starter[], rounds: number, say: (line: string) => void): Row[] {
  const samples = starters.map((): number[] => []);
  const errors = starters.map((starter) => {
    // The first run checks, and brings the files into memory.
    say(`${starter.work}, ${starter.impl} ${starter.device}`);
    return faultOf(starter);
  });
  for (let round = 0; round < rounds; round++) {
    for (const [i, starter] of starters.entries()) if (errors[i] === null) samples[i]!.push(once(starter).ms);
  }
  return starters.map(({ work, impl, device, threads }, i) => {
    const ms = errors[i] === null ? median(samples[i]!) : null;
    return { work, pass: "forward", impl, device, threads, ms, gflops: null, peakShare: null, error: errors[i]! };
  });
}

function faultOf(starter: Starter): string | null {
  const { status, printed, said } = once(starter);
  if (status !== 0) return said === "" ? `ended with code ${status}` : said;
  const due = starter.prints ?? "";
  return printed === due ? null : `wrong: printed ${printed} where ${due} is due`;
}

function once({ command, args, cwd }: Starter) {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 60_000 });
  const ms = performance.now() - start;
  if (error !== undefined) return { ms, status: null, printed: "", said: error.message };
  // Of a stack the line that names the error is what a reader wants.
  const lines = stderr.split("\n").map((line) => line.trim());
  const said = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? "";
  return { ms, status, printed: stdout.trim(), said };
}
