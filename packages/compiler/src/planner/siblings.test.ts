import { describe, expect, test } from "vitest";
import { axisIndex, scaled, type Affine } from "../affine.ts";
import type { Accumulator, Expr, LoopKernel, Store } from "../ir.ts";
import type { Command } from "../plan.ts";
import { showKernel } from "../show-kernel.ts";
import { mergeSiblings } from "./siblings.ts";

const i = axisIndex(0, 1);
const load = (buffer: number, at: Affine = i): Expr => ({ kind: "load", dtype: "f32", buffer, at });
const call = (name: string, ...args: Expr[]): Expr => ({ kind: "call", dtype: "f32", name, args });
const store = (buffer: number, expr: Expr): Store => ({ buffer, at: i, expr });

type Parts = Partial<LoopKernel> & { readonly stores: readonly Store[] };

/** A kernel over four elements; what it reads first, what it writes last. */
function command(name: string, buffers: readonly number[], parts: Parts): Extract<Command, { kind: "kernel" }> {
  const types = buffers.map(() => "f32" as const);
  const rest = { kind: "loop", name, space: [4], reduced: [], accumulators: [], numbers: [] } as const;
  return { kind: "kernel", kernel: { ...rest, buffers: types, ...parts }, buffers, numbers: [] };
}
/** f(#from) into #to, element by element. */
const map = (name: string, from: number, to: number, at = i): Command =>
  command(name, [from, to], { stores: [store(1, call(name, load(0, at)))] });
/** Reduces #from to #to. */
function reduction(op: "sum" | "max", from: number, to: number): Command {
  const accumulators: Accumulator[] = [{ op, dtype: "f32", expr: load(0, axisIndex(1, 2)) }];
  const expr: Expr = { kind: "accumulator", dtype: "f32", position: 0 };
  return command(op, [from, to], { reduced: [3], accumulators, stores: [store(1, expr)] });
}
const host = (from: number, to: number): Command =>
  ({ kind: "host", inputs: [from], output: to }) as unknown as Command;

const merged = (...commands: Command[]): Command[] => mergeSiblings(commands, () => 0);
const names = (commands: readonly Command[]): string[] =>
  commands.map((each) => (each.kind === "kernel" ? each.kernel.name : each.kind));

describe("kernels that read the same become one", () => {
  test("of two maps, and what one stores the other finds in a register", () => {
    const [one, ...others] = merged(
      map("exp", 0, 1),
      command("mul", [0, 1, 2], { stores: [store(2, call("mul", load(0), load(1)))] }),
    );
    expect(others).toEqual([]);
    expect(one?.kind === "kernel" && showKernel(one.kernel)).toMatchInlineSnapshot(`
      "loop exp, mul [4]
        u0 = exp(b0[i0])
        b1[i0] = u0
        b2[i0] = mul(b0[i0], u0)"
    `);
  });

  test("of two reductions, an equal one only once", () => {
    const [one, ...others] = merged(reduction("sum", 0, 1), reduction("max", 0, 2), reduction("sum", 0, 3));
    expect(others).toEqual([]);
    expect(one?.kind === "kernel" && showKernel(one.kernel)).toMatchInlineSnapshot(`
      "loop sum, max, sum [4] over [3]
        a0 = sum of b0[i1]
        a1 = max of b0[i1]
        b1[i0] = a0
        b2[i0] = a1
        b3[i0] = a0"
    `);
  });

  test("past others that have nothing to do with them", () => {
    expect(names(merged(map("exp", 0, 1), map("sin", 5, 6), host(6, 7), map("log", 0, 2)))).toEqual([
      "exp, log",
      "sin",
      "host",
    ]);
  });
});

describe("kernels stay apart", () => {
  test.each<[string, Command[]]>([
    ["that read nothing in common", [map("exp", 0, 1), map("log", 2, 3)]],
    ["over other spaces", [map("exp", 0, 1), command("log", [0, 2], { space: [5], stores: [store(1, load(0))] })]],
    ["of a map and a reduction", [map("exp", 0, 1), reduction("sum", 0, 2)]],
    ["where one reads other elements of what the first writes", [map("exp", 0, 1), map("log", 1, 2, scaled(i, -1, 3))]],
    ["where one reads a result that is reduced first", [reduction("sum", 0, 1), reduction("max", 1, 2)]],
    ["with offsets", [map("exp", 0, 1), { ...map("log", 0, 2), offsets: [0, 8] } as Command]],
    ["that write one buffer", [map("exp", 0, 1), map("log", 0, 1)]],
  ])("%s", (_, commands) => {
    expect(merged(...commands)).toEqual(commands);
  });

  test("and none is moved before what it reads was written, in whatever way", () => {
    const reader = command("add", [0, 2, 3], { stores: [store(2, call("add", load(0), load(1)))] });
    expect(names(merged(map("exp", 0, 1), host(0, 2), reader))).toEqual(["exp", "host", "add"]);
    expect(names(merged(map("exp", 0, 1), map("sin", 9, 2), reader))).toEqual(["exp", "sin, add"]);
  });

  test("nor before what it overwrites was read: scratch memory is used again", () => {
    const commands = [map("exp", 0, 1), map("pack", 5, 6), map("use", 6, 7), map("pack", 0, 6), map("use", 6, 8)];
    expect(names(merged(...commands))).toEqual(["exp", "pack, use", "pack, use"]);
  });

  test("nor before the command it must wait for", () => {
    const commands = [map("exp", 0, 1), host(1, 2), map("log", 0, 3), map("sin", 0, 4)];
    expect(names(mergeSiblings(commands, (each) => (commands.indexOf(each) >= 2 ? 2 : 0)))).toEqual([
      "exp",
      "host",
      "log, sin",
    ]);
  });

  test("beyond four stores", () => {
    const commands = Array.from({ length: 9 }, (_, n) => map("exp", 0, n + 1));
    expect(merged(...commands).map((each) => each.kind === "kernel" && each.buffers.length - 1)).toEqual([4, 4, 1]);
  });
});
