import { join } from "node:path";
import { chromium } from "playwright-core";
import { chromiumFolder, contents } from "./chromium-folder.ts";
import { openPage, type PageOptions, type WebPage } from "./page.ts";
import { serveSources, type Sources } from "./sources.ts";

export interface BrowserOptions {
  /** More of Chromium's flags. */
  readonly flags?: readonly string[];
}

/** Flags with which pages have WebGPU, computed by the processor. */
export const webgpuOnSwiftShader: readonly string[] = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** A headless Chromium, and a server of this repository's sources for it. */
export interface Browser {
  /** Opens a page and loads a module of this repository in it; `Module` is its type. */
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a module's functions take
  open<Module extends Readonly<Record<string, (...values: any[]) => unknown>>>(
    module: URL,
    options?: PageOptions,
  ): Promise<WebPage<Module>>;
  /** Ends Chromium, its pages and the server. */
  close(): Promise<void>;
}

/** Starts Chromium. The README of this package shows how a page is opened and called. */
export async function startBrowser({ flags = [] }: BrowserOptions = {}): Promise<Browser> {
  const folder = await chromiumFolder();
  const browser = await chromium.launch({
    executablePath: join(folder, contents.chromium),
    // Tests may run as root, for whom Chromium has no sandbox.
    args: ["--no-sandbox", ...flags],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: [join(folder, contents.libraries), process.env["LD_LIBRARY_PATH"]].filter(Boolean).join(":"),
      FONTCONFIG_FILE: join(folder, contents.fontsList),
    },
  });
  // A server for each kind of page that was asked for: the headers say which.
  const servers = new Map<boolean, Promise<Sources>>();
  return {
    async open(module, { isolated = true, html = new URL("blank.html", import.meta.url) } = {}) {
      if (!servers.has(isolated)) servers.set(isolated, serveSources({ isolated }));
      return openPage(browser, await servers.get(isolated)!, module, html);
    },
    async close() {
      await browser.close();
      await Promise.all([...servers.values()].map(async (server) => (await server).close()));
    },
  };
}

/**
 * Why no Chromium starts on this machine; null where it does. For tests that need one, and are skipped without; but where
 * `STEELYARD_BROWSER=required` they must run.
 *
 * @throws Error instead of a reason, where a browser is required
 */
export async function whyNoBrowser(): Promise<string | null> {
  try {
    const browser = await startBrowser();
    await browser.close();
    return null;
  } catch (error) {
    if (process.env["STEELYARD_BROWSER"] === "required") throw error;
    const text = error instanceof Error ? error.message : String(error);
    // What Chromium itself has to say stands in the midst of a log.
    return /\[err\] (.+)/u.exec(text)?.[1] ?? text.split("\n")[0]!;
  }
}
