import { execFile } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const workspace = join(import.meta.dirname, "..");
// Inside docs/, whose node_modules links every package, so that `steelyard` and `@steelyard/*` resolve.
const scratch = join(import.meta.dirname, ".examples");

interface Example {
  readonly heading: string;
  readonly line: number;
  readonly code: string;
}

/** Every fenced `ts` block of a markdown text, with the nearest heading above it. */
function examplesIn(markdown: string): Example[] {
  const found: Example[] = [];
  let heading = "top";
  let fence: { readonly marker: string; readonly language: string; readonly line: number } | null = null;
  let body: string[] = [];
  markdown.split("\n").forEach((text, index) => {
    const [, marker, info] = /^\s*(`{3,}|~{3,})(.*)$/.exec(text) ?? [];
    if (fence === null) {
      heading = /^#{1,6}\s+(.*)$/.exec(text)?.[1] ?? heading;
      if (marker === undefined) return;
      fence = { marker, language: info?.trim().split(/\s/)[0] ?? "", line: index + 1 };
      body = [];
    } else if (marker?.startsWith(fence.marker) === true && info?.trim() === "") {
      if (fence.language === "ts") found.push({ heading, line: fence.line, code: body.join("\n") });
      fence = null;
    } else {
      body.push(text);
    }
  });
  return found;
}

/** Runs one program on the Node that runs the tests; answers its exit code and what it printed. */
function run(file: string): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [file], { cwd: workspace, timeout: 50_000 }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}

const pages = ["README.md", ...globSync(["docs/*.md", "packages/*/README.md"], { cwd: workspace }).toSorted()];

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

describe.concurrent("every code block of the manual runs", () => {
  for (const page of pages.filter((name) => existsSync(join(workspace, name)))) {
    for (const { heading, line, code } of examplesIn(readFileSync(join(workspace, page), "utf8"))) {
      test(`${page}:${line}: ${heading}`, async () => {
        mkdirSync(scratch, { recursive: true });
        const file = join(scratch, `${page.replaceAll(/[^a-z0-9]+/gi, "-")}-${line}.ts`);
        writeFileSync(file, `${code}\nexport {};\n`);
        const { code: exit, output } = await run(file);
        expect(exit, `${page}:${line} failed:\n${output}`).toBe(0);
      });
    }
  }
});

describe("reading code blocks", () => {
  test("a block belongs to the nearest heading above it", () => {
    const text = "# A\n\n## B\n\n```ts\nconst x = 1;\n```\n";
    expect(examplesIn(text)).toEqual([{ heading: "B", line: 5, code: "const x = 1;" }]);
  });

  test("blocks of another language, and ts fences quoted inside them, are not run", () => {
    expect(examplesIn("````md\n```ts\nboom\n```\n````\n\n```sh\nls\n```\n")).toEqual([]);
  });
});
