import { startBrowser, webgpuOnSwiftShader, whyNoBrowser, type Browser, type WebPage } from "@steelyard/testing-web";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type * as here from "./browser-page.ts";

const missing = await whyNoBrowser();
const because = missing === null ? "" : ` (none starts: ${missing})`;

describe.skipIf(missing !== null)(`in a browser${because}`, () => {
  let browser: Browser;
  let page: WebPage<typeof here>;
  beforeAll(async () => {
    browser = await startBrowser({ flags: webgpuOnSwiftShader });
    page = await browser.open(new URL("browser-page.ts", import.meta.url), { isolated: false });
  });
  afterAll(() => browser.close());

  test("opens by navigator.gpu what there is, and knows a processor that plays a GPU", async () => {
    const { adapter, kind } = await page.call("open");
    expect(adapter).toMatch(/swiftshader/iu);
    expect(kind).toBe("software");
  });

  test("multiplies whole numbers as the interpreter does, bit for bit", async () => {
    await page.call("requireExactProducts");
  });

  test("remembers what was tuned", async () => {
    expect(await page.call("tuneTwice")).toEqual([1, 0]);
  });

  test("says that the GPU was lost, and goes on when it is there again", async () => {
    const [lost, found] = await page.call("loseAndRecover");
    expect(lost).toMatch(/^DeviceError: .*needs .*, got .*lost/u);
    expect(found).toBe("6");
    await page.call("close");
  });
});
