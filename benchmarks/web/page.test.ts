import { fileURLToPath } from "node:url";
import { startBrowser, webgpuOnSwiftShader, whyNoBrowser, type Browser } from "@steelyard/testing-web";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Results } from "../src/report/row.ts";

const missing = await whyNoBrowser();
const because = missing === null ? "" : ` (none starts: ${missing})`;
const minutes = 60_000;

describe.skipIf(missing !== null)(`the page of benchmarks in a browser${because}`, () => {
  let browser: Browser;
  let server: ViteDevServer;
  beforeAll(async () => {
    const configFile = fileURLToPath(new URL("vite.config.ts", import.meta.url));
    const root = fileURLToPath(new URL(".", import.meta.url));
    const quiet = { host: "127.0.0.1", port: 0, hmr: false, watch: null } as const;
    server = await createServer({ configFile, root, logLevel: "error", server: quiet });
    await server.listen();
    browser = await startBrowser({ flags: webgpuOnSwiftShader });
  }, minutes);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function openPage(search: string) {
    const { tab } = await browser.open(new URL("settings.ts", import.meta.url));
    const complaints: string[] = [];
    tab.on("pageerror", ({ message }) => complaints.push(message));
    const { port } = server.httpServer!.address() as { port: number };
    await tab.goto(`http://127.0.0.1:${port}/?${search}`);
    return { tab, complaints };
  }

  test(
    "measures everybody by what its address says, and gives the rows as JSON",
    async () => {
      const { tab, complaints } = await openPage("only=matmul+256&quick=on");
      await tab.getByRole("button", { name: "Measure" }).click();
      const link = tab.getByRole("link", { name: "Results as JSON" });
      await link.waitFor({ timeout: 3 * minutes });
      const address = (await link.getAttribute("href"))!;
      const json = await tab.evaluate(async (blob) => (await fetch(blob)).text(), address);
      const { machine, adapter, commit, rows } = JSON.parse(json) as Results;
      expect({ machine, adapter, commit }).toEqual({
        machine: { cores: expect.any(Number), browser: expect.stringContaining("Chrome") },
        adapter: expect.stringMatching(/swiftshader/iu),
        commit: expect.any(String),
      });
      expect(rows.map(({ work, impl, device, error }) => [work, impl, device, error])).toEqual([
        ["matmul 256", "steelyard", "webgpu", null],
        ["matmul 256", "tfjs", "webgpu", null],
        ["matmul 256", "jax-js", "webgpu", null],
        ["peak loop, 1 GFLOP", "peak", "WGSL FMA", null],
      ]);
      expect(rows.every(({ ms, peakShare }) => ms! > 0 && peakShare! > 0)).toBe(true);
      expect(await tab.getByRole("table").first().innerText()).toContain("steelyard webgpu");
      expect(complaints).toEqual([]);
      await tab.close();
    },
    4 * minutes,
  );

  test("says what is wrong with its address", async () => {
    const { tab } = await openPage("only=conv9");
    await tab.getByRole("button", { name: "Measure" }).click();
    await tab.getByText("needs --only with a part of").waitFor();
    await tab.close();
  });
});
