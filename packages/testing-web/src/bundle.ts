import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { repository } from "./sources.ts";

/**
 * A module of the repository and all that it imports as Vite's bundler makes one file of them, workers apart: to be opened
 * as a page's module like any other.
 */
export async function bundled(module: URL): Promise<URL> {
  const name = basename(module.pathname, ".ts");
  const folder = new URL(`packages/testing-web/out/bundled/${name}/`, repository);
  await build({
    configFile: false,
    root: fileURLToPath(repository),
    base: `/${folder.href.slice(repository.href.length)}`,
    logLevel: "error",
    worker: { format: "es" },
    build: {
      outDir: fileURLToPath(folder),
      emptyOutDir: true,
      target: "esnext",
      rolldownOptions: {
        input: fileURLToPath(module),
        preserveEntrySignatures: "strict",
        output: { entryFileNames: `${name}.js` },
      },
    },
  });
  return new URL(`${name}.js`, folder);
}
