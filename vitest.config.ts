import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";
import { softwareVulkan } from "./packages/testing-web/src/software-vulkan.ts";

/** Closes a run with one plain line a machine can read: `12 passed, 0 failed`. */
const plainSummary: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    // A file or a describe that fails to load holds no tests, and a stray error belongs to none; none may go unseen.
    const groups = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = groups.filter((group) => group.errors().length > 0).length + unhandledErrors.length;
    const skipped = count("skipped");
    console.log(
      `${count("passed")} passed, ${count("failed") + broken} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
    );
  },
};

/**
 * Workers find the Vulkan driver that VK_DRIVER_FILES names, or else SwiftShader: so tests of the WebGPU device run on any
 * machine, and on the same adapter. `VK_DRIVER_FILES=` (empty) leaves the choice to the system.
 */
async function vulkan(): Promise<Readonly<Record<string, string>>> {
  if (process.env["VK_DRIVER_FILES"] !== undefined) return {};
  // Tests that need an adapter say why there is none.
  return softwareVulkan().catch(() => ({}));
}

export default defineConfig({
  test: {
    include: ["packages/*/{src,test}/**/*.test.ts", "benchmarks/**/*.test.ts", "docs/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/out/**"],
    pool: "forks",
    env: await vulkan(),
    testTimeout: 60_000,
    reporters: ["default", plainSummary],
  },
});
