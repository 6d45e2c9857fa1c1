import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { whole } from "../../test/whole-numbers.ts";
import { conv, dualAlgebra, f32Algebra, f64Algebra, hyperDualAlgebra, interpret, type HostArray } from "../index.ts";
import type { Block } from "./algebra.ts";
import { f32Loops, f64Loops, realLoops, type Loops } from "./real.ts";

const allLoops: readonly (readonly [string, Loops, typeof Float32Array | typeof Float64Array])[] = [
  ["f32", f32Loops, Float32Array],
  ["f64", f64Loops, Float64Array],
  ["shared", realLoops(), Float64Array],
];
const names = Object.keys(realLoops()) as (keyof Loops)[];

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** The definition: C[m, n] += Σ_k A[m, k] · B[k, n], one scalar after another. */
function tripleLoop(c: number[], a: readonly number[], b: readonly number[], at: Block): number[] {
  for (let i = 0; i < at.m; i++)
    for (let j = 0; j < at.n; j++)
      for (let p = 0; p < at.k; p++)
        c[at.c + i * at.cm + j * at.cn]! += a[at.a + i * at.am + p * at.ak]! * b[at.b + p * at.bk + j * at.bn]!;
  return c;
}

/** Small whole numbers, some of them negative: sums are exact in every order and precision. */
const digits = (length: number, seed: number): number[] =>
  Array.from({ length }, (_, i) => ((i * 37 + seed * 101 + 13) % 19) - 9);

/** Where a matrix lies in its buffer: row-major or transposed, with room between scalars, between lines and in front. */
interface Layout {
  readonly transposed: boolean;
  readonly apart: number;
  readonly spare: number;
  readonly offset: number;
}
const layouts: fc.Arbitrary<Layout> = fc.record({
  transposed: fc.boolean(),
  apart: fc.integer({ min: 1, max: 3 }),
  spare: fc.integer({ min: 0, max: 2 }),
  offset: fc.integer({ min: 0, max: 3 }),
});
const rowMajor: Layout = { transposed: false, apart: 1, spare: 0, offset: 0 };

function placed(rows: number, columns: number, { transposed, apart, spare, offset }: Layout) {
  const line = (transposed ? rows : columns) * apart + spare;
  const [rowStep, columnStep] = transposed ? [apart, line] : [line, apart];
  return { offset, rowStep, columnStep, length: offset + (transposed ? columns : rows) * line + 1 };
}

/** Holds every copy of the loops against the definition, the scalars between the entries of C included. */
function expectContraction(m: number, n: number, k: number, [inC, inA, inB]: readonly [Layout, Layout, Layout]): void {
  const [c, a, b] = [placed(m, n, inC), placed(m, k, inA), placed(k, n, inB)];
  const block: Block = {
    m,
    n,
    k,
    c: c.offset,
    cm: c.rowStep,
    cn: c.columnStep,
    a: a.offset,
    am: a.rowStep,
    ak: a.columnStep,
    b: b.offset,
    bk: b.rowStep,
    bn: b.columnStep,
  };
  const [before, left, right] = [digits(c.length, 1), digits(a.length, 2), digits(b.length, 3)];
  const expected = tripleLoop([...before], left, right, block);
  for (const [name, loops, HostArrayOf] of allLoops) {
    const out = HostArrayOf.from(before);
    loops.contract(out, HostArrayOf.from(left), HostArrayOf.from(right), block);
    expect([...out], `${name} loops, ${JSON.stringify(block)}`).toEqual(expected);
  }
}

describe("the contraction in tiles of two rows and four columns", () => {
  test("adds A·B to what C holds, for every way a tile can be cut short: m, n, k = 0, 1, odd, beside multiples of 4", () => {
    for (let m = 0; m <= 5; m++)
      for (let n = 0; n <= 9; n++)
        for (let k = 0; k <= 3; k++) expectContraction(m, n, k, [rowMajor, rowMajor, rowMajor]);
  });

  test("follows any strides: transposed matrices, and scalars with room between them", () => {
    const sizes = fc.tuple(fc.nat(7), fc.nat(10), fc.nat(6));
    fc.assert(
      fc.property(sizes, fc.tuple(layouts, layouts, layouts), ([m, n, k], where) => expectContraction(m, n, k, where)),
      fuzz(300),
    );
  });

  test("reads one scalar or one line again and again where a stride is zero", () => {
    const block: Block = { m: 3, n: 6, k: 2, c: 0, cm: 6, cn: 1, a: 0, am: 0, ak: 1, b: 0, bk: 1, bn: 0 };
    for (const [, loops] of allLoops) {
      const c = new Float64Array(18).fill(1);
      loops.contract(c, Float64Array.of(2, 3), Float64Array.of(5, 7), block);
      expect([...c]).toEqual(Array.from({ length: 18 }, () => 1 + 2 * 5 + 3 * 7));
    }
  });

  test("adds nothing where k is 0, even to what is no number", () => {
    const c = Float32Array.of(NaN, 0, Infinity, 1);
    const block: Block = { m: 2, n: 2, k: 0, c: 0, cm: 2, cn: 1, a: 0, am: 0, ak: 1, b: 0, bk: 2, bn: 1 };
    f32Loops.contract(c, new Float32Array(0), new Float32Array(0), block);
    expect([...c]).toEqual([NaN, 0, Infinity, 1]);
  });
});

describe("the loops of f32 and those of f64 and of dual numbers", () => {
  test("are functions of their own, made from the same text", () => {
    for (const name of names) {
      expect(f32Loops[name]).not.toBe(f64Loops[name]);
      expect(String(f32Loops[name])).toBe(String(f64Loops[name]));
    }
  });

  test("are evaluated from it anew: closures of one evaluation would share what the engine learns", async () => {
    const evaluated: string[] = [];
    const Evaluate = Function;
    vi.stubGlobal("Function", function evaluate(text: string) {
      evaluated.push(text);
      return new Evaluate(text);
    });
    vi.resetModules();
    await import("./real.ts");
    // One copy each for f32, f64 and integers.
    expect(evaluated.filter((text) => text.includes(realLoops.toString()))).toHaveLength(3);
  });

  test("come from a factory that names nothing outside itself", () => {
    const asked = new Set<string>();
    // Every name that the factory's own scopes lack is looked up in this object, which knows them all.
    const everything = new Proxy(
      {},
      { has: (_, name) => typeof name === "string" && asked.add(name) !== undefined, get: () => undefined },
    );
    // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
    const evaluate = new Function("everything", `with (everything) return (${realLoops.toString()})();`);
    callAll((evaluate as (scope: object) => Loops)(everything));
    expect([...asked]).toEqual([]);
  });

  test("give the same numbers", () => {
    const results = allLoops.map(([, loops]) => callAll(loops));
    for (const result of results) expect(result).toEqual(results[0]);
    expect(results[0]).toEqual({
      "contract a tile": [11, 18, -19, 8, 31, 6],
      addRun: [2, 2, 3, 4, 13, 6],
      "addRun onto one scalar": [1, 15, 3, 4, 5, 6],
      mulRun: [6, -8, 6, 32, 0, 6],
      map1: [7, -3, 3, 9, 1, 2],
      map2: [3, -6, 3, 4, -5, 0],
      add: [9, -2, 1, 12, 5, 2],
      sub: [3, -6, 3, 4, -5, 0],
      mul: [18, -8, -2, 32, 0, 1],
      div: [2, -2, -2, 2, 0, 1],
      "pow is not among them": [1, 2, 3, 4, 5, 6],
    });
  });

  test("never run for one another: duals leave the code of f32 to f32", () => {
    const [x, w] = [whole([1, 5, 5, 2], 1, 3), whole([3, 3, 2, 4], 2, 3)];
    const single = names.map((name) => vi.spyOn(f32Loops, name));
    const double = names.map((name) => vi.spyOn(f64Loops, name));
    const calls = (spies: typeof single): number => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
    for (const algebra of [f64Algebra, dualAlgebra, hyperDualAlgebra]) interpret(algebra, [conv(x, w).add(1).tanh()]);
    expect(calls(single)).toBe(0);
    expect(calls(double)).toBeGreaterThan(0);
    const before = calls(double);
    interpret(f32Algebra, [conv(x, w).add(1).tanh()]);
    expect(calls(single)).toBeGreaterThan(0);
    expect(calls(double)).toBe(before);
  });
});

/** Calls every loop on small whole numbers and says what it wrote. */
function callAll(loops: Loops): Record<string, number[]> {
  const results: Record<string, number[]> = {};
  const run = (name: string, work: (out: HostArray) => void): void => {
    const out = Float64Array.of(1, 2, 3, 4, 5, 6);
    work(out);
    results[name] = [...out];
  };
  const [a, b] = [Float64Array.of(6, -4, 2, 8, 0, 1), Float64Array.of(3, 2, -1, 4, 5, 1)];
  const block = { m: 1, k: 2, c: 0, cm: 6, cn: 1, a: 0, am: 2, ak: 1, b: 0, bk: 1, bn: 1 };
  run("contract a tile", (out) => loops.contract(out, a, b, { ...block, n: 5 }));
  run("addRun", (out) => loops.addRun(out, 0, 2, a, 5, -1, 3));
  run("addRun onto one scalar", (out) => loops.addRun(out, 1, 0, a, 0, 1, 6));
  run("mulRun", (out) => loops.mulRun(out, 0, 1, a, 0, 1, 6));
  run("map1", (out) => loops.map1((x) => x + 1, a, out));
  run("map2", (out) => loops.map2((x, y) => x - y, a, b, out));
  for (const name of ["add", "sub", "mul", "div"])
    run(name, (out) => expect(loops.arithmetic(name, a, b, out)).toBe(true));
  run("pow is not among them", (out) => expect(loops.arithmetic("pow", a, b, out)).toBe(false));
  return results;
}
