import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import type { Measured } from "./bench-interpreter.ts";

/** What a results file holds: the figures, and as much of the machine as explains them. */
export interface Results extends Measured {
  readonly date: string;
  readonly commit: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number; readonly node: string };
}

export function resultsOf(measured: Measured): Results {
  const [cpu] = cpus();
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  const machine = { cpu: cpu?.model ?? "unknown", cores: cpus().length, memoryGiB, node: process.version };
  return { date: new Date().toISOString().slice(0, 10), commit: currentCommit(), machine, ...measured };
}

function currentCommit(): string {
  try {
    const git = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return git.trim();
  } catch {
    return "unknown";
  }
}
