import { readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { without } from "./adapter.ts";
import { closeGpu, testGpu } from "./run-shader.ts";

// The files of golden/ themselves: those that people read. That they are what is printed today is for the tests of texts, which
// write a file that is missing, but leave one whose case is gone; a file without a case is out of date.

afterAll(closeGpu);

const folder = new URL("golden/", import.meta.url);
const files = readdirSync(folder).toSorted();
const textOf = (file: string): string => readFileSync(new URL(file, folder), "utf8");

/** The names of the cases of a test of texts, as the names of their files have them: the keys of its table `golden`. */
function casesOf(testFile: string): string[] {
  const source = readFileSync(new URL(testFile, import.meta.url), "utf8");
  const [, table = ""] = /^const golden\b.*? = \{\n(.*?)^\};/msu.exec(source) ?? [];
  return [...table.matchAll(/^ {2}"?([^":]+)"?: /gmu)].map(([, name]) => name!.replaceAll(/\W+/gu, "-"));
}

describe("golden files", () => {
  test("belong to a case each, and every one is there", () => {
    const cases = { loop: casesOf("loop-texts.test.ts"), contraction: casesOf("contractions-texts.test.ts") };
    const wanted = Object.entries(cases).flatMap(([kind, names]) => names.map((name) => `${kind}-${name}.wgsl`));
    expect(wanted.toSorted()).toEqual(files);
  });

  test("say in their header what they compute", () => {
    for (const file of files) expect(textOf(file), file).toMatch(/^\/\/ \S/u);
  });
});

describe.skipIf(without.device)(`a compiler${without.because}`, () => {
  test.each(files)("has nothing to say about %s", async (file) => {
    const { device } = await testGpu();
    const { messages } = await device.createShaderModule({ code: textOf(file) }).getCompilationInfo();
    expect(messages.map(({ message, lineNum }) => `line ${lineNum}: ${message}`)).toEqual([]);
  });

  test("has something to say about a text that is wrong, with the line", async () => {
    const { device } = await testGpu();
    device.pushErrorScope("validation");
    const code = textOf(files[0]!).replace("fn main", "fn main main");
    const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
    expect(await device.popErrorScope()).not.toBeNull();
    expect(messages).not.toEqual([]);
    expect(messages[0]!.lineNum).toBeGreaterThan(1);
  });
});
