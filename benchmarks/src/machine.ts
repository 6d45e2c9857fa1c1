import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

/** As much of the machine as explains figures, and nothing that names it or its user. */
export interface Machine {
  readonly cpu?: string;
  readonly cores: number;
  readonly memoryGiB?: number;
  readonly node?: string;
  /** In its own words, where pages were measured. */
  readonly browser?: string;
}

export function machine(): Machine {
  const [cpu] = cpus();
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  return { cpu: cpu?.model ?? "unknown", cores: cpus().length, memoryGiB, node: process.version };
}

export function currentCommit(): string {
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
