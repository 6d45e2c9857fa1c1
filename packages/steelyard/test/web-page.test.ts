import { startBrowser, webgpuOnSwiftShader, whyNoBrowser, type Browser, type WebPage } from "@steelyard/testing-web";
import type { StepRecord } from "@steelyard/weighting";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as main from "../web/main.ts";

const missing = await whyNoBrowser();
const because = missing === null ? "" : ` (no browser starts: ${missing})`;
const folder = new URL("../web/", import.meta.url);

const batch = 16;
const small = { people: 4, samples: 28, size: 16, steps: 50, batch, learningRate: 0.01 };

describe.skipIf(missing !== null)(`the page${because}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser({ flags: webgpuOnSwiftShader });
  });
  afterAll(() => browser.close());

  function open(settings: Readonly<Record<string, string | number>>): Promise<WebPage<typeof main>> {
    const html = new URL("index.html", folder);
    for (const [name, value] of Object.entries(settings)) html.searchParams.set(name, String(value));
    return browser.open<typeof main>(new URL("main.ts", folder), { html });
  }

  it("trains on WebGPU where it is told to, and shows losses and weights", { timeout: 360_000 }, async () => {
    const page = await open({ ...small, device: "webgpu" });
    expect(await text(page, "#device")).toMatch(/^WebGPU, .*swiftshader/iu);
    const records = await trainedBy(page, "dynamicDifficulty", 300_000);
    requireLearning(records);
    expect(await cells(page)).toEqual(written(records.at(-1)!));
    expect(await page.tab.locator("#curves svg path.line").count()).toBe(4);
    await page.close();
  });

  it("trains on the CPU where there is no GPU, says so, and shows each strategy from the same weights", async () => {
    const page = await open(small);
    expect(await text(page, "#device")).toMatch(/^the CPU, \d+ threads?$/u);
    expect(await text(page, "#because")).toMatch(/^behind WebGPU is no GPU here, but .*swiftshader/iu);
    const trained = [await trainedBy(page, "dynamicDifficulty"), await trainedBy(page, "equal")];
    for (const records of trained) requireLearning(records);
    expect(trained[1]![0]!.losses).toEqual(trained[0]![0]!.losses);
    expect(trained[1]!.map(({ weights }) => weights)).toEqual(trained[1]!.map(() => [0.5, 0.5]));

    expect(await cells(page)).toEqual(written(trained[1]!.at(-1)!));
    expect(await page.tab.locator("#curves figure figcaption").allTextContents()).toEqual([
      "dynamicDifficulty",
      "equal",
    ]);
    expect(await text(page, "#step")).toBe("50 of 50");
    expect(await text(page, "#time")).toMatch(/^\d+(\.\d+)? ms$/u);
    for (const opinion of await page.tab.locator("#faces .opinion").allTextContents()) {
      expect(opinion).toMatch(/^[a-z]+, \d+ %$/u);
    }
    await page.close();
  });

  it("pauses when it is told to, and goes on where it was", async () => {
    const page = await open({ ...small, steps: 4000, device: "cpu" });
    await page.tab.click("#start");
    await page.tab.locator("#state", { hasText: "Learning" }).waitFor();
    await page.tab.click("#start");
    await page.tab.locator("#state", { hasText: "Paused" }).waitFor();
    const before = (await page.call("records"))["dynamicDifficulty"]!;
    await page.tab.click("#start");
    await page.tab.locator("#step", { hasNotText: new RegExp(`^${before.length} of`, "u") }).waitFor();
    const after = (await page.call("records"))["dynamicDifficulty"]!;
    expect(after.length).toBeGreaterThan(before.length);
    expect(after.slice(0, before.length)).toEqual(before);
    await page.close();
  });

  it("says what is wrong with a setting", async () => {
    const page = await open({ ...small, device: "abacus" });
    expect(await text(page, "#state.failed")).toMatch(/^device: needs one of .*, got abacus$/u);
    expect(await page.tab.locator("#start").isDisabled()).toBe(true);
    await page.close();
  });
});

function text(page: WebPage<typeof main>, selector: string): Promise<string | null> {
  return page.tab.locator(selector).textContent();
}

/** Loss and weight of each task. */
function written({ losses, weights }: StepRecord): string[][] {
  return losses.map((loss, task) => [loss, weights[task]!].map((x) => x.toFixed(3)));
}

/** Loss and weight of each task, as they stand on the page. */
async function cells(page: WebPage<typeof main>): Promise<string[][]> {
  const rows = await page.tab.locator("#now tbody tr").all();
  return Promise.all(rows.map((row) => row.locator("td").allTextContents()));
}

async function trainedBy(
  page: WebPage<typeof main>,
  strategy: string,
  timeout = 50_000,
): Promise<readonly StepRecord[]> {
  await page.tab.selectOption("#strategy", strategy);
  await page.tab.click("#start");
  await page.tab.locator("#state", { hasText: /^Done$|needs/u }).waitFor({ timeout });
  expect(await text(page, "#state")).toBe("Done");
  return (await page.call("records"))[strategy]!;
}

/** Fifty steps, in which both losses fell, with weights on the simplex. */
function requireLearning(records: readonly StepRecord[]): void {
  expect(records.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  for (const task of [0, 1]) {
    const losses = records.map((record) => record.losses[task]!);
    expect(mean(losses.slice(-10))).toBeLessThan(mean(losses.slice(0, 10)));
  }
  // A row of the softmax sums to 1 up to one addition and a division, which WGSL allows 2.5 ulp; then comes the mean over the
  // batch, which is batch − 1 additions and a division more. An addition is right to u = 2⁻²⁴, 2.5 ulp are at most 5 u.
  const most = (1 + 5 + (batch - 1) + 5) * 2 ** -24;
  for (const { weights } of records) {
    expect(Math.abs(weights[0]! + weights[1]! - 1)).toBeLessThanOrEqual(most);
    for (const weight of weights) expect(weight).toBeGreaterThanOrEqual(0);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
