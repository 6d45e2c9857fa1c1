import { describe, expect, test } from "vitest";
import { axisIndex } from "./affine.ts";
import { allParts, keyOf, partsOf, textOf, withParts } from "./expression.ts";
import type { Expr, LoopKernel } from "./ir.ts";

const i = axisIndex(0, 1);
const load: Expr = { kind: "load", dtype: "f32", buffer: 0, at: i };
const constant = (value: number): Expr => ({ kind: "constant", dtype: "f32", value });
const add = (a: Expr, b: Expr): Expr => ({ kind: "call", dtype: "f32", name: "add", args: [a, b] });
const kernel = (expr: Expr, name = "any"): LoopKernel => ({
  kind: "loop",
  name,
  space: [4],
  reduced: [],
  accumulators: [],
  stores: [{ buffer: 1, at: i, expr }],
  buffers: ["f32", "f32"],
  numbers: [],
});

/** x + x, of that again, and so on: 2ⁿ leaves if it were a tree. */
function doubled(n: number): Expr {
  return n === 0 ? { ...load } : add(...(Array(2).fill(doubled(n - 1)) as [Expr, Expr]));
}

describe("the key of a kernel", () => {
  test("is the same for kernels that do the same, whatever they are called", () => {
    expect(keyOf(kernel(doubled(3), "one"))).toBe(keyOf(kernel(doubled(3), "another")));
  });

  test("tells apart what is read, computed, stored, and how", () => {
    const others: LoopKernel[] = [
      kernel(add(load, constant(1))),
      kernel(add(constant(1), load)),
      kernel(add(load, constant(2))),
      kernel(add({ ...load, at: axisIndex(0, 1), buffer: 1 }, constant(1))),
      { ...kernel(add(load, constant(1))), space: [5] },
      { ...kernel(add(load, constant(1))), buffers: ["f32", "f16"] },
      { ...kernel(load), accumulators: [{ op: "sum", dtype: "f32", expr: load }], reduced: [2] },
      { ...kernel(load), accumulators: [{ op: "max", dtype: "f32", expr: load }], reduced: [2] },
    ];
    expect(new Set(others.map(keyOf)).size).toBe(others.length);
  });

  test("tells numbers apart that JSON does not: infinities, NaN, the two zeros", () => {
    const odd = [Infinity, -Infinity, NaN, 0, -0];
    expect(new Set(odd.map((value) => keyOf(kernel(constant(value))))).size).toBe(odd.length);
  });

  test("of a shared graph is as long as the graph, not as the tree", () => {
    const [short, long] = [keyOf(kernel(doubled(20))).length, keyOf(kernel(doubled(40))).length];
    expect(long).toBeLessThan(2.5 * short);
  });
});

test("a text has numbers in place of the expressions that have one", () => {
  expect(textOf(add(load, constant(-Infinity)), new Map([[load, 7]]))).toBe(
    '{"kind":"call","dtype":"f32","name":"add","args":["#7",{"kind":"constant","dtype":"f32","value":"-Infinity"}]}',
  );
});

describe("the parts of an expression", () => {
  const every: Expr[] = [
    add(load, constant(1)),
    { kind: "where", dtype: "f32", condition: constant(0), yes: load, no: constant(2) },
    { kind: "cast", dtype: "i32", value: load },
    { kind: "guarded", dtype: "f32", guards: [{ index: i, size: 2 }], value: load, otherwise: constant(0) },
    { kind: "lookup", dtype: "f32", buffer: 0, at: i, index: constant(1), step: 1, size: 4 },
    load,
  ];

  test.each(every.map((expr) => [expr.kind, expr] as const))("of %s are what it is made of, in order", (_, expr) => {
    const parts = partsOf(expr);
    const marked = withParts(expr, (part) => ({ kind: "constant", dtype: "f32", value: 100 + parts.indexOf(part) }));
    expect(partsOf(marked).map((part) => part.kind === "constant" && part.value)).toEqual(
      parts.map((_p, n) => 100 + n),
    );
    expect(withParts(expr, (part) => part)).toEqual(expr);
  });

  test("are listed once each, before what is made of them", () => {
    const shared = add(load, load);
    expect(allParts([add(shared, constant(1)), shared])).toEqual([load, shared, constant(1), add(shared, constant(1))]);
  });
});
