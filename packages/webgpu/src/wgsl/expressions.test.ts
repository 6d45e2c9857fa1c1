import { describe, expect, test } from "vitest";
import type { Affine, Expr, Guard } from "@steelyard/compiler";
import { expressionPrinter } from "./expressions.ts";
import { close, inside, outermost, type Use } from "./scopes.ts";

const at = (coefficients: readonly number[], constant = 0): Affine => ({ constant, coefficients });
const load = (buffer: number, index: Affine): Expr => ({ kind: "load", dtype: "f32", buffer, at: index });
const call = (name: string, ...args: readonly Expr[]): Expr => ({ kind: "call", dtype: "f32", name, args });
const zero: Expr = { kind: "constant", dtype: "f32", value: 0 };
const guarded = (guards: readonly Guard[], value: Expr, otherwise: Expr): Expr => ({
  kind: "guarded",
  dtype: "f32",
  guards,
  value,
  otherwise,
});

const around = {
  axes: ["i0", "i1"],
  sizes: [8, 8],
  buffers: ["f32", "f32"],
  accumulators: [],
  offsets: false,
} as const;

/** All lines that are needed for values, each used in a scope of its own making. */
function linesFor(uses: (scope: ReturnType<typeof outermost>) => readonly Use[]): string[] {
  const root = outermost();
  const needed = uses(root);
  const printer = expressionPrinter(around, needed);
  for (const { expr, scope } of needed) scope.lines.push(`use(${printer.value(expr, scope)});`);
  for (const scope of new Set(needed.map((use) => use.scope))) if (scope !== root) close(scope, "loop");
  return root.lines;
}

describe("expressions as WGSL", () => {
  test("what is used once is written where it is used, what is used twice has a name", () => {
    const shared = call("add", load(0, at([8, 1])), zero);
    const lines = linesFor((scope) => [{ expr: call("sub", shared, call("add", shared, load(1, at([0, 1])))), scope }]);
    expect(lines).toEqual(["let v0 = (b0[8 * i0 + i1] + 0.0f);", "use((v0 - (v0 + b1[i1])));"]);
  });

  test("what does not change in a loop is computed before it, addresses too", () => {
    const lines = linesFor((root) => [
      {
        expr: call("add", call("sub", load(0, at([8, 0])), zero), load(1, at([8, 1]))),
        scope: inside(root, "loop", [1]),
      },
    ]);
    expect(lines).toEqual([
      "let v0 = (b0[8 * i0] - 0.0f);",
      "let p0 = 8 * i0;",
      "loop {",
      "  use((v0 + b1[p0 + i1]));",
      "}",
    ]);
  });

  test("what a guard protects is computed where it holds, and only the ends that can be passed are asked for", () => {
    const guards = [{ index: at([0, 1], -1), size: 20 }];
    const lines = linesFor((scope) => [
      { expr: guarded(guards, call("sub", load(0, at([8, 1], -1)), zero), zero), scope },
    ]);
    expect(lines).toEqual([
      "var v0 = 0.0f;",
      "if (i1 - 1 >= 0) {",
      "  v0 = (b0[8 * i0 + i1 - 1] - 0.0f);",
      "}",
      "use(v0);",
    ]);
  });

  test("what is needed on both sides of a guard, or in two, is computed before, at the nearest place in the buffer", () => {
    const shared = call("sub", load(0, at([8, 1], -1)), zero);
    const [first, second] = [
      guarded([{ index: at([0, 1], -1), size: 8 }], shared, zero),
      guarded([{ index: at([0, 1], -1), size: 7 }], call("add", shared, zero), zero),
    ];
    const lines = linesFor((scope) => [first, second].map((expr) => ({ expr, scope })));
    expect(lines[0]).toBe("let v1 = (b0[min(u32(8 * i0 + i1 - 1), arrayLength(&b0) - 1u)] - 0.0f);");
    expect(lines.filter((line) => line.includes("b0"))).toHaveLength(1);
  });

  test("but what is needed without a guard as well is where everybody says it is", () => {
    const shared = call("sub", load(0, at([8, 1])), zero);
    const lines = linesFor((scope) => [
      { expr: guarded([{ index: at([0, 1], -1), size: 8 }], shared, zero), scope },
      { expr: shared, scope },
    ]);
    expect(lines[0]).toBe("let v1 = (b0[8 * i0 + i1] - 0.0f);");
  });

  test("takes time and text that grow with a graph, not with its paths: parts of two guards are shared", () => {
    let expr = load(0, at([8, 1]));
    for (let i = 0; i < 60; i++)
      expr = guarded([{ index: at([0, 1], -(i % 7)), size: 3 }], call("add", expr, zero), expr);
    expect(linesFor((scope) => [{ expr, scope }]).length).toBeLessThan(400);
  });

  test("hides from compilers what they would compute too early: calls of constants, and products with 0", () => {
    const large: Expr = { kind: "constant", dtype: "f32", value: 3e38 };
    const lines = linesFor((scope) => [{ expr: call("add", large, large), scope }, { expr: call("mul", load(0, at([0, 1])), zero), scope }]); // prettier-ignore
    expect(lines).toEqual([
      "use((bitcast<f32>(bitcast<u32>(3e+38f) | zero_bits) + 3e+38f));",
      "use((b0[i1] * bitcast<f32>(bitcast<u32>(0.0f) | zero_bits)));",
    ]);
  });

  test("hides a 0 too that is the cast of an index without axes, wherever it stands in the product", () => {
    const index: Expr = { kind: "index", dtype: "i32", index: at([0, 0]) };
    const cast: Expr = { kind: "cast", dtype: "f32", value: index };
    expect(linesFor((scope) => [{ expr: call("mul", cast, load(0, at([0, 1]))), scope }])).toEqual([
      "use((bitcast<f32>(bitcast<u32>(f32(0i)) | zero_bits) * b0[i1]));",
    ]);
  });
});
