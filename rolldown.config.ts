import { readFileSync } from "node:fs";
import { defineConfig, type RolldownOptions } from "rolldown";

// A process that imports hundreds of small files spends most of its start on finding them, so what is published of the
// packages that every program loads is one file for each entry. Sources, types and tests stay as they are.

/** Entries by the name of what is written; whatever is shared becomes a chunk of its own. */
const entries: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  core: { index: "index.js", testing: "testing/index.js" },
  compiler: { index: "index.js", testing: "testing/index.js" },
  // A thread loads its own file, and little else.
  cpu: { index: "index.js", thread: "runtime/worker.js" },
  webgpu: { index: "index.js" },
};

/** What is not ours in a file, with its license. */
function foreignIn({ moduleIds }: { readonly moduleIds: readonly string[] }): string {
  if (!moduleIds.some((id) => id.includes("/@petamoriken/float16/"))) return "";
  const license = readFileSync("packages/core/node_modules/@petamoriken/float16/LICENSE", "utf8").trim();
  return `/*! Contains the package @petamoriken/float16:\n\n${license}\n*/`;
}

export default defineConfig(
  Object.entries(entries).map(([name, files]): RolldownOptions => ({
    input: Object.fromEntries(Object.entries(files).map(([entry, file]) => [entry, `packages/${name}/dist/${file}`])),
    // The ponyfill of Float16Array is a dozen small files, which engines that have their own never use.
    external: /^@steelyard\//,
    platform: "neutral",
    output: { dir: `packages/${name}/dist/bundle`, cleanDir: true, sourcemap: true, banner: foreignIn },
  })),
);
