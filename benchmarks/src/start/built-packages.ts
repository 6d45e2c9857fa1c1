import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const workspace = join(import.meta.dirname, "../../..");
const names = ["core", "compiler", "cpu"];

/**
 * A folder whose `node_modules` hold our packages as people install them: compiled, and with the entry points that are
 * published. Inside the workspace the same names lead to the sources.
 */
export function builtPackages(say: (line: string) => void): string {
  const tool = (name: string, ...args: string[]): void => {
    execFileSync(join(workspace, "node_modules/.bin", name), args, { cwd: workspace, stdio: "pipe" });
  };
  try {
    tool("tsc", "-b", "packages/cpu");
  } catch {
    // The compiler writes what it can all the same.
    say("the packages do not pass `pnpm types`; measured as they are");
  }
  tool("rolldown", "-c", "rolldown.config.ts");
  const folder = join(workspace, "benchmarks/out/built");
  rmSync(folder, { recursive: true, force: true });
  for (const name of names) install(join(workspace, "packages", name), join(folder, "node_modules/@steelyard", name));
  return folder;
}

function install(from: string, to: string): void {
  if (!existsSync(join(from, "dist"))) throw new Error(`${from} is not built`);
  mkdirSync(to, { recursive: true });
  const { publishConfig, ...manifest } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  writeFileSync(join(to, "package.json"), JSON.stringify({ ...manifest, exports: publishConfig.exports }));
  cpSync(join(from, "dist"), join(to, "dist"), { recursive: true });
}
