import { defineConfig, type UserConfig } from "vite";

/** Serves the packages' sources to a browser as they are, file by file; nothing is bundled. */
export default defineConfig({
  // Isolated from other origins, without which threads of a page share no memory.
  server: {
    headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
  },
  cacheDir: "../out/vite",
  optimizeDeps: { noDiscovery: true },
}) satisfies UserConfig;
