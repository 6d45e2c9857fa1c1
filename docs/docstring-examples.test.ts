import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";
import * as testing from "@steelyard/core/testing";
import * as cpu from "@steelyard/cpu";
import * as steelyard from "steelyard";
import { describe, expect, test } from "vitest";
import { sampleValues } from "./docstring-values.ts";
import { lineAt, workspace, type Example } from "./examples.ts";

/** Every `@example` in the doc comments of a source: up to the next tag or the end of the comment. */
function examplesIn(source: string): Example[] {
  return [...source.matchAll(/\/\*\*\s[^]*?\*\//g)].flatMap(({ 0: comment, index: start }) =>
    [...comment.matchAll(/@example\s+(?:\*\s+)?(?<code>[^]+?)\s*(?=\s@[a-z]|\*\/)/g)].map(
      ({ index, 0: all, groups }) => {
        const code = groups?.["code"] ?? "";
        const line = lineAt(source, start + index + all.indexOf(code));
        return { line, code: code.replaceAll(/^ *\* ?/gm, "").trim() };
      },
    ),
  );
}

/** Numbers, text and arrays of them, to be compared: tensors are read, and whatever can be iterated is an array. */
async function plain(value: unknown): Promise<unknown> {
  if (value instanceof steelyard.Tensor) return value.array();
  const isList = typeof value === "object" && value !== null && Symbol.iterator in value;
  return isList ? Promise.all(Array.from(value as Iterable<unknown>, plain)) : value;
}

async function claim(got: unknown, wanted: unknown): Promise<void> {
  expect(await plain(got)).toEqual(wanted);
}

/** A comment that starts as a literal does is the value of the expression before it, and is checked. */
const claimedLine = /^(?<expression>.+?);? *\/\/ (?<value>[[{\d"-].*)$/gm;
const singleLine = /^(?<expression>[^\n]+?);?(?: *\/\/.*)?$/;

function isExpression(code: string): boolean {
  try {
    return Boolean(new Script(`async () => (${code})`));
  } catch {
    return false;
  }
}

/** The example as the body of a function. A single expression is read, as what nobody reads is never computed. */
function programOf(example: string): string {
  const code = stripTypeScriptTypes(example).replaceAll(claimedLine, "await claim($<expression>, $<value>);");
  const expression = singleLine.exec(code)?.groups?.["expression"] ?? "";
  return isExpression(expression) ? `await plain(${expression});` : code;
}

/** What the umbrella leaves out of a package, or calls otherwise. */
const ownNames: Readonly<Record<string, object>> = { cpu, weighting: steelyard.weighting };

/** Runs an example where everything of `steelyard`, of the file's own package and of the sample values is in scope. */
async function run(file: string, { line, code }: Example): Promise<void> {
  const [, name = ""] = file.split("/");
  const scope = { ...testing, ...steelyard, ...ownNames[name], ...sampleValues(), plain, claim };
  // A block of its own, where the example may name its constants as it likes.
  const program = `(async ({ ${Object.keys(scope).join(", ")} }) => {{ ${programOf(code)}\n}})`;
  const start = new Script(program, { filename: `${file} @example`, lineOffset: line - 1 });
  await (start.runInThisContext() as (given: typeof scope) => Promise<void>)(scope);
}

const sources = globSync("packages/*/src/**/*.ts", { cwd: workspace, exclude: ["**/*.test.ts"] }).toSorted();

for (const file of sources) {
  const source = readFileSync(join(workspace, file), "utf8");
  for (const example of examplesIn(source)) test(`${file}:${example.line}`, () => run(file, example));
}

test("no @example is overlooked", () => {
  for (const file of sources) {
    const source = readFileSync(join(workspace, file), "utf8");
    expect(examplesIn(source).length, file).toBe(source.split("@example").length - 1);
  }
});

describe("finding examples", () => {
  test("one in a comment of one line ends with it, or before the next tag", () => {
    const source = "\n/** Adds. @throws never @example f(1); // 2 */\n/** Adds. @example g() @throws never */";
    expect(examplesIn(source)).toEqual([
      { line: 2, code: "f(1); // 2" },
      { line: 3, code: "g()" },
    ]);
  });

  test("one of several lines keeps them, and its own indentation", () => {
    const source = "/**\n * Adds.\n *\n * @example\n * for (const a of b) {\n *   f(a);\n * }\n * @throws never\n */";
    expect(examplesIn(source)).toEqual([{ line: 5, code: "for (const a of b) {\n  f(a);\n}" }]);
  });

  test("a comment that is no doc comment has none", () => {
    expect(examplesIn("// @example f()\n/* @example g() */")).toEqual([]);
  });
});

function runs(code: string): Promise<void> {
  return run("packages/core/src/here.ts", { line: 7, code });
}

describe("running examples", () => {
  test("what is claimed of an expression is checked, on any line", async () => {
    await runs("const two: number = 2;\nadd(two, 1); // 3\ntensor([1, 2]) // [1, 2]");
    await expect(runs("add(1, 2) // 4")).rejects.toThrow("expected 3 to deeply equal 4");
    await expect(runs("const one = 1;\nones([2]) // [1, 2]\nzeros([])")).rejects.toThrow("to deeply equal");
  });

  test("a claim that is no literal is an error, as is one about a statement", async () => {
    await expect(runs("add(1, 2) // 3 or so")).rejects.toThrow(SyntaxError);
    await expect(runs("const three = add(1, 2); // 3")).rejects.toThrow(SyntaxError);
  });

  test("an unknown name, wrong shapes and what fails when it is computed are errors", async () => {
    await expect(runs("nowhere(x)")).rejects.toThrow("nowhere is not defined");
    await expect(runs("matmul(ones([2, 3]), ones([2, 3]))")).rejects.toThrow("matmul: needs");
    await expect(runs('hostSolve([x], [[1]], () => { throw new Error("late"); })')).rejects.toThrow("late");
  });

  test("an error names the file and the line of the docstring", async () => {
    const stack = await runs("const one = 1;\nnowhere(one);").catch((error: Error) => error.stack);
    expect(stack).toContain("packages/core/src/here.ts @example:8");
  });
});
