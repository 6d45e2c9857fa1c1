import { execFile } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { lineAt, workspace, type Example } from "./examples.ts";

// Inside docs/, whose node_modules links every package, so that `steelyard` and `@steelyard/*` resolve.
const scratch = join(import.meta.dirname, ".examples");

interface Block extends Example {
  readonly heading: string;
}

// A block ends at a fence as long as the one that opened it, so a block quoted inside a longer fence is only text.
const headingOrBlock = /^#{1,6} +(?<heading>.+)$|^ *(?<fence>`{3,})(?<language>\w*).*\n(?<code>[^]*?)^ *\k<fence> *$/gm;

/** Every fenced `ts` block of a markdown text, with the nearest heading above it. */
function examplesIn(markdown: string): Block[] {
  let heading = "top";
  return [...markdown.matchAll(headingOrBlock)].flatMap(({ index, groups = {} }) => {
    heading = groups["heading"] ?? heading;
    const line = lineAt(markdown, index);
    return groups["language"] === "ts" ? [{ heading, line, code: groups["code"] ?? "" }] : [];
  });
}

/** Runs one program on the Node that runs the tests; answers its exit code and what it printed. */
function run(file: string): Promise<{ readonly exit: number; readonly output: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [file], { cwd: workspace, timeout: 50_000 }, (error, stdout, stderr) => {
      done({ exit: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}

const pages = ["README.md", ...globSync(["docs/*.md", "packages/*/README.md"], { cwd: workspace }).toSorted()];

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

for (const page of pages.filter((name) => existsSync(join(workspace, name)))) {
  for (const { heading, line, code } of examplesIn(readFileSync(join(workspace, page), "utf8"))) {
    test.concurrent(`${page}:${line}: ${heading}`, async () => {
      mkdirSync(scratch, { recursive: true });
      const file = join(scratch, `${page.replaceAll(/[^a-z0-9]+/gi, "-")}-${line}.ts`);
      writeFileSync(file, `${code}\nexport {};\n`);
      const { exit, output } = await run(file);
      expect(exit, `${page}:${line} failed:\n${output}`).toBe(0);
    });
  }
}

describe("reading code blocks", () => {
  test("a block belongs to the nearest heading above it", () => {
    const text = "# A\n\n## B\n\n```ts\nconst x = 1;\n```\n";
    expect(examplesIn(text)).toEqual([{ heading: "B", line: 5, code: "const x = 1;\n" }]);
  });

  test("a comment of a shell block is no heading", () => {
    const text = "# A\n```sh\n# not this\n```\n```ts\n```\n";
    expect(examplesIn(text)).toEqual([{ heading: "A", line: 5, code: "" }]);
  });

  test("blocks of another language, and ts fences quoted inside them, are not run", () => {
    expect(examplesIn("````md\n```ts\nboom\n```\n````\n\n```sh\nls\n```\n")).toEqual([]);
  });
});
