import { execFile } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

/** Runs a program on the Node that runs the tests; answers its exit code and what it printed. */
function run(...args: string[]): Promise<{ readonly exit: number; readonly output: string }> {
  return new Promise((done) => {
    execFile(process.execPath, args, { cwd: workspace, timeout: 50_000 }, (error, stdout, stderr) => {
      done({ exit: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}

const pages = ["README.md", ...globSync(["docs/*.md", "packages/*/README.md"], { cwd: workspace })].toSorted();
const programs = pages.flatMap((page) =>
  examplesIn(readFileSync(join(workspace, page), "utf8")).map((block) => {
    const file = join(scratch, `${page.replaceAll(/[^a-z0-9]+/gi, "-")}-${block.line}.ts`);
    return { ...block, title: `${page}:${block.line}: ${block.heading}`, file };
  }),
);

beforeAll(() => {
  mkdirSync(scratch, { recursive: true });
  for (const { file, code } of programs) writeFileSync(file, `${code}\nexport {};\n`);
  // What a reader's own strict project would ask of them.
  const options = {
    composite: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    noEmit: true,
  };
  const config = {
    extends: "../../tsconfig.base.json",
    // The CPU device runs in browsers too, and names what they have.
    compilerOptions: { ...options, rootDir: "../..", types: ["node"], lib: ["esnext", "dom"] },
  };
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify({ ...config, include: ["*.ts"] }));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

for (const { title, file } of programs) {
  test.concurrent(title, async () => {
    const { exit, output } = await run(file);
    expect(exit, `${title} failed:\n${output}`).toBe(0);
  });
}

test("every block is well typed", async () => {
  const { output } = await run(join(workspace, "node_modules/typescript/bin/tsc"), "-p", scratch);
  expect(output).toBe("");
});

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
