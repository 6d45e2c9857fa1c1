import { defineConfig, type UserConfig } from "vite";
import { currentCommit } from "../src/machine.ts";

// For index.html, which has the page say what was measured.
process.env["VITE_COMMIT"] = currentCommit();

/** Serves our sources to a browser as they are, and bundles of those libraries that have no such sources. */
export default defineConfig({
  // In a page that is isolated from other origins the clock is finer: 5 µs and not 100.
  server: {
    headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
  },
  cacheDir: "../out/vite",
  optimizeDeps: {
    // All together, or else parts of tfjs would be there twice; and none that is found later, for the page would start over.
    noDiscovery: true,
    include: [
      "@tensorflow/tfjs-core",
      "@tensorflow/tfjs-core/dist/register_all_gradients.js",
      "@tensorflow/tfjs-backend-webgpu",
      "@jax-js/jax",
      "tinybench",
    ],
  },
}) satisfies UserConfig;
