import { fileURLToPath } from "node:url";
import { createServer } from "vite";

/** The repository's sources, served to a browser as they are, file by file. */
export interface Sources {
  /** Where a file of the repository is served. */
  url(file: URL): string;
  close(): Promise<void>;
}

/** The folder of the repository. */
export const repository: URL = new URL("../../../", import.meta.url);

/** What a page must say to be isolated from other origins, without which threads cannot share memory. */
const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** Serves the sources on a port of their own; with the headers of isolation, or without. */
export async function serveSources({ isolated }: { readonly isolated: boolean }): Promise<Sources> {
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(repository),
    appType: "mpa",
    logLevel: "error",
    // A test reads what there is when it starts: nothing is watched, and nothing bundled in advance.
    server: {
      host: "127.0.0.1",
      port: 0,
      headers: isolated ? isolation : {},
      hmr: false,
      watch: null,
    },
    optimizeDeps: { noDiscovery: true },
    cacheDir: fileURLToPath(new URL("packages/testing-web/out/vite", repository)),
  });
  await server.listen();
  const { port } = server.httpServer!.address() as { port: number };
  return {
    url: (file) => `http://127.0.0.1:${port}/${file.href.slice(repository.href.length)}`,
    close: () => server.close(),
  };
}
