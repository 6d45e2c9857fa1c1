import { defaultDevice, setDefaultDevice } from "@steelyard/core";
import { bundled, startBrowser, whyNoBrowser, type Browser, type WebPage } from "@steelyard/testing-web";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import * as here from "./browser-page.ts";

// A busy machine takes long to start a browser and load the sources.
vi.setConfig({ hookTimeout: 60_000 });

const missing = await whyNoBrowser();
const because = missing === null ? "" : ` (none starts: ${missing})`;

describe.skipIf(missing !== null)(`in a browser${because}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  describe.each([
    { kind: "a page that is isolated from other origins", isolated: true },
    { kind: "a page that is not", isolated: false },
  ])("$kind", ({ isolated }) => {
    let page: WebPage<typeof here>;
    beforeAll(async () => {
      page = await browser.open(new URL("browser-page.ts", import.meta.url), { isolated });
      await page.call("open", { winograd: false });
    });
    afterAll(() => page.close());

    test(
      isolated ? "computes with all processors" : "computes with one thread, for threads cannot share there",
      async () => {
        const report = await page.call("report");
        expect(report.isolated).toBe(isolated);
        expect(report.threads).toBe(isolated ? report.processors : 1);
        expect(await page.call("inWorker")).toEqual({ arrived: report.threads, threads: report.threads });
      },
    );

    test("multiplies whole numbers as the interpreter does, bit for bit", async () => {
      await page.call("requireExactProducts");
    });

    test("sends host solves to the page's own thread", async () => {
      expect(await page.call("solveHere")).toEqual({ values: [3, 5, 7], sawDocument: true });
    });

    test("rejects what does not fit, and goes on", async () => {
      const { message, after } = await page.call("askTooMuch");
      expect(message).toMatch(/^DeviceError: .*needs 4 MiB of device memory/u);
      expect(after).toEqual([2, 3]);
    });

    test("leaves the page free to draw", async () => {
      const there = await page.call("framesDuring", "device");
      const blocked = await page.call("framesDuring", "this thread");
      // Sixty a second where there is time for them; a thread that computes itself draws none.
      expect(there.frames).toBeGreaterThan(there.milliseconds / 250);
      expect(blocked.frames).toBe(0);
    });

    test("learns as it does in Node, bit for bit, where that is asked for", async () => {
      const before = defaultDevice();
      await here.open({ deterministic: true, threads: 1 });
      try {
        await page.call("open", { deterministic: true });
        const wanted = await here.losses(8);
        expect(wanted.at(-1)!).toBeLessThan(wanted[0]!);
        expect(await page.call("losses", 8)).toEqual(wanted);
      } finally {
        await here.closeAtWork();
        setDefaultDevice(before);
      }
    });

    test("ends when it is closed, even at work", async () => {
      for (const outcome of await page.call("closeAtWork")) expect(outcome).toMatch(/needs the thread that owns/u);
    });
  });

  test("computes after a bundler, with a file for the worker", async () => {
    const file = await bundled(new URL("browser-bundled.ts", import.meta.url));
    const page = await browser.open<typeof import("./browser-bundled.ts")>(file);
    const { threads, sum } = await page.call("compute");
    expect(sum).toBe(256 ** 3);
    expect(threads).toBe(await page.tab.evaluate(() => navigator.hardwareConcurrency));
    await page.close();
  });
});
