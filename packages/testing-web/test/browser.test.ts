import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  softwareVulkan,
  startBrowser,
  webgpuOnSwiftShader,
  whyNoBrowser,
  type Browser,
  type PageOptions,
  type WebPage,
} from "../src/index.ts";

// A busy machine takes long to start a browser.
vi.setConfig({ hookTimeout: 60_000 });

const missing = await whyNoBrowser();
const because = missing === null ? "" : ` (none starts: ${missing})`;

describe.skipIf(missing !== null)(`a page of the browser${because}`, () => {
  let browser: Browser;
  let page: WebPage<typeof import("./page.ts")>;
  const open = async (options?: PageOptions): Promise<void> => {
    page = await browser.open(new URL("page.ts", import.meta.url), options);
  };
  beforeAll(async () => {
    browser = await startBrowser({ flags: webgpuOnSwiftShader });
  });
  afterEach(() => page.close());
  afterAll(() => browser.close());

  test("calls a function of a module, and gives back what it returns", async () => {
    await open();
    expect(await page.call("double", Float32Array.of(1, -0, NaN))).toEqual(Float32Array.of(2, -0, NaN));
  });

  test("passes on what the function throws, and can be used on", async () => {
    await open();
    await expect(page.call("fail", "no such thing")).rejects.toThrow(
      /^fail of .*\/page\.ts in Chromium: RangeError: no such thing/u,
    );
    expect(await page.call("double", Float32Array.of(2))).toEqual(Float32Array.of(4));
  });

  test("fails when an error is written on the console, whatever is returned, from then on", async () => {
    await open();
    await expect(page.call("complain", "something is wrong")).rejects.toThrow(/console: something is wrong \(http/u);
    await expect(page.call("double", Float32Array.of(2))).rejects.toThrow(/console: something is wrong/u);
  });

  test("fails when nobody catches an error, in a worker too", async () => {
    await open();
    await page.call("failLater", "lost on the page");
    await expect(page.call("work")).rejects.toThrow(/uncaught: Error: lost on the page/u);
    await page.close();
    await open();
    // The news of the error may come after the end of the call that made the worker.
    const next = page.call("failInWorker").then(() => page.call("work"));
    await expect(next).rejects.toThrow(/lost in a worker/u);
  });

  test("answers questions while it works", async () => {
    await open();
    const work = page.call("work");
    for (let i = 0; i < 3; i++) expect(await page.call("ask")).toBe(i);
    expect(await work).toBe("done");
  });

  test("is isolated from other origins or not, and may have HTML of its own", async () => {
    await open({ isolated: false });
    expect(await page.call("titleOf")).toMatchObject({ isolated: false });
    await page.close();
    await open({ html: new URL("page.html", import.meta.url) });
    expect(await page.call("titleOf")).toEqual({ title: "A page of its own", isolated: true });
  });

  test("has WebGPU on the processor where its flags say so", async () => {
    await open();
    expect(await page.call("adapter")).toBe("google");
  });
});

test.skipIf(missing !== null)(
  `SwiftShader and its loader lie where Node's Dawn is told to look${because}`,
  async () => {
    const { LD_LIBRARY_PATH: libraries, VK_DRIVER_FILES: driver } = await softwareVulkan();
    expect(existsSync(join(libraries!.split(":")[0]!, "libvulkan.so.1"))).toBe(true);
    expect(existsSync(driver!)).toBe(true);
  },
);
