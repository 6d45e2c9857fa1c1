import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";

// `core` must be readable in an afternoon. Comments are free, because they shorten the reading.
const coreBudget = 4500;
const heartBudget = 1500;
const heart = new Set(["tensor.ts", "graph.ts", "gradients.ts", "errors.ts", "variable.ts", "realise.ts"]);

const source = join(import.meta.dirname, "../src");
const everyFile = globSync("**/*.ts", { cwd: source })
  .toSorted()
  .map((name) => ({ name, text: readFileSync(join(source, name), "utf8") }));
// What proves primitives, the published checker included, is test code.
const files = everyFile.filter(({ name }) => !name.endsWith(".test.ts") && !name.startsWith("testing/"));

// Strings come first in the alternation, so that a comment sign inside a string is not taken for a comment.
const stringOrComment = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[^]|[^`\\])*`|\/\*[^]*?\*\/|\/\/[^\n]*/g;

function withoutComments(text: string): string {
  return text.replaceAll(stringOrComment, (part) => (part.startsWith("/") ? "" : part));
}

function codeLines(text: string): number {
  return withoutComments(text)
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

function total(chosen: typeof files): number {
  return chosen.reduce((sum, { text }) => sum + codeLines(text), 0);
}

function importsOf(text: string): string[] {
  const specifier =
    /^\s*(?:import|export)\s+(?:[\w$*{},\s]+?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;
  return [...withoutComments(text).matchAll(specifier)].map((match) => match[1] ?? match[2] ?? "");
}

describe("core stays small and pure", () => {
  test(`core is at most ${coreBudget} lines of code`, () => {
    expect(total(files)).toBeLessThanOrEqual(coreBudget);
  });

  test(`the heart (tensor, graph, gradients, errors, variable, realise) is at most ${heartBudget} lines of code`, () => {
    expect(total(files.filter(({ name }) => heart.has(basename(name))))).toBeLessThanOrEqual(heartBudget);
  });

  test("core imports nothing from outside but @petamoriken/float16", () => {
    const published = everyFile.filter(({ name }) => !name.endsWith(".test.ts"));
    const outside = published.flatMap(({ name, text }) =>
      importsOf(text)
        .filter((from) => !from.startsWith(".") && from !== "@petamoriken/float16")
        .map((from) => `${name}: ${from}`),
    );
    expect(outside).toEqual([]);
  });

  test("no file of core, comments and tests included, mentions WGSL, WebAssembly, GPU or Node.js", () => {
    const mentions = everyFile.flatMap(({ name, text }) =>
      [...text.matchAll(/wgsl|webassembly|gpu|node\.?js\b/gi)].map(([word]) => `${name}: ${word}`),
    );
    expect(mentions).toEqual([]);
  });
});

describe("counting", () => {
  test("comments and blank lines are free, comment signs inside strings are not comments", () => {
    expect(codeLines('/* a\n b */\n\nconst url = "https://x"; // why\n// c\nf("/*");\ng("*/");\n')).toBe(3);
  });

  test("static, re-exporting and dynamic imports are all seen", () => {
    const text =
      'import { a } from "a";\nimport "b";\nexport * from "c";\nimport {\n  x,\n} from "d";\nawait import("e");\n';
    expect(importsOf(text)).toEqual(["a", "b", "c", "d", "e"]);
  });
});
