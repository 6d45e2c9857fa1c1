import { describe, expect, it } from "vitest";
import { hostSolve, memory, onWarning, realise, scope, step, tensor, Variable } from "../src/index.ts";
import { observed } from "./observed.ts";

const { done, times } = observed();

describe("lesson 1: nothing runs until something is read", () => {
  it("computes nothing when operations are called", () => {
    tensor([1, 2]).exp().sum();
    expect(done).toEqual([]);
  });

  it("computes all reads of one microtask in one plan", async () => {
    const shared = tensor([1, 2]).exp();
    const [a, b] = await Promise.all([shared.sum().item(), shared.mul(2).data()]);
    expect(a).toBeCloseTo(Math.E + Math.E ** 2, 5);
    expect(b[0]).toBeCloseTo(2 * Math.E, 5);
    expect(times("exp")).toBe(1);
  });

  it("keeps on the handle what it read, and gives unshared copies", async () => {
    const x = tensor([1, 2]).exp();
    const first = await x.data();
    first[0] = 99;
    expect((await x.data())[0]).toBeCloseTo(Math.E, 5);
    expect(times("exp")).toBe(1);
  });

  it("starts later plans from what was realised or read", async () => {
    const x = tensor([0, 1]).exp();
    await realise(x);
    await x.sum().item();
    expect(times("exp")).toBe(1);
  });

  it("says once, by name, when it computes again what it did not keep", async () => {
    const messages: string[] = [];
    const handler = onWarning((message) => void messages.push(message));
    const hidden = tensor([0, 1, 0.123]).tanh();
    await hidden.sum().item();
    await hidden.mean().item();
    await hidden.max().item();
    onWarning(handler);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain("tanh f32[3]");
  });

  it("frees what was read and not realised", async () => {
    const x = tensor(new Float32Array(1000)).exp();
    await x.data();
    expect(memory.report().bytes).toBe(0);
    await realise(x);
    expect(memory.report()).toMatchObject({ bytes: 4000, count: 1 });
    x.dispose();
    expect(memory.report().bytes).toBe(0);
    await expect(x.data()).rejects.toThrowErrorMatchingInlineSnapshot(`
      [DisposedTensor: data: needs a value that is still held, got exp f32[1000], which was disposed
        hint: read it, or realise it, before you give it up]
    `);
  });

  it("gives back at the end of a scope what was realised inside, except what was kept", async () => {
    const kept = tensor([1]).exp();
    {
      using inside = scope();
      await realise(tensor([2]).exp(), inside.keep(kept));
      await realise(inside.keep(kept));
      expect(memory.report().count).toBe(2);
      inside.keep(kept);
    }
    expect(memory.report().count).toBe(1);
    expect(await kept.item()).toBeCloseTo(Math.E, 5);
  });
});

const failed = (code: string): object => ({ status: "rejected", reason: { code } });

describe("lesson 2: state lives in Variables and changes in commits", () => {
  it("reads the committed value until the step, then the new one", async () => {
    const w = new Variable([1, 2], { name: "w" });
    w.assign(w.value.mul(10));
    expect(await w.value.array()).toEqual([1, 2]);
    await step();
    expect(await w.value.array()).toEqual([10, 20]);
    expect(w.version).toBe(1);
  });

  it("commits all assignments together: each sees the old values of the others", async () => {
    const a = new Variable(1, { name: "a" });
    const b = new Variable(2, { name: "b" });
    a.assign(b);
    b.assign(a);
    await step();
    expect([await a.value.item(), await b.value.item()]).toEqual([2, 1]);
  });

  it("composes assignments of one step through `next`", async () => {
    const count = new Variable(0);
    for (let i = 0; i < 3; i++) count.assign(count.next.add(1));
    await step();
    expect(await count.value.item()).toBe(3);
  });

  it("changes nothing when a step fails, and starts afresh", async () => {
    const a = new Variable([1], { name: "a" });
    const b = new Variable([1], { name: "b" });
    const [bad] = hostSolve([b], [[1]], () => Promise.reject(new Error("no solution")));
    a.assign(a.value.add(1));
    b.assign(bad!);
    await expect(step()).rejects.toThrow("no solution");
    expect([await a.value.array(), await b.value.array()]).toEqual([[1], [1]]);
    await step();
    expect(a.version).toBe(0);
  });

  it("refuses a graph over a superseded version, by name", async () => {
    const w = new Variable([1], { name: "trunk.weight" });
    const stale = w.value.mul(2);
    w.assign(w.value.add(1));
    await step();
    await expect(stale.data()).rejects.toThrowErrorMatchingInlineSnapshot(`
      [StaleVariable: trunk.weight: needs a graph over its current version 1, got one over version 0
        hint: a step has replaced the value since: build the graph again after \`await step(…)\`, or read it before]
    `);
  });

  it("refuses the stale or disposed read alone: others of the same microtask share its plan, not its fault", async () => {
    const w = new Variable([1], { name: "w" });
    const [old, stale, gone] = [w.value, w.value.mul(2), tensor([5]).exp()];
    w.assign(w.value.add(1));
    await step();
    gone.dispose();
    const shared = tensor([1, 2]).exp();
    const results = await Promise.allSettled([
      stale.data(),
      shared.sum().item(),
      old.data(),
      w.value.array(),
      gone.add(1).data(),
      realise(shared.mul(0)),
    ]);
    expect(results).toMatchObject([
      failed("StaleVariable"),
      { status: "fulfilled", value: expect.closeTo(Math.E + Math.E ** 2, 5) as number },
      failed("StaleVariable"),
      { status: "fulfilled", value: [2] },
      failed("DisposedTensor"),
      { status: "fulfilled" },
    ]);
    expect(times("exp")).toBe(1);
  });

  it("rejects all reads of a plan that fails while it runs", async () => {
    let calls = 0;
    const [bad] = hostSolve([1], [[]], () => Promise.reject(new Error(`no solution ${++calls}`)));
    const results = await Promise.allSettled([bad!.data(), tensor([1]).exp().data()]);
    const rejected = { status: "rejected", reason: { message: "no solution 1" } };
    expect(results).toMatchObject([rejected, rejected]);
  });

  it("never donates storage that a handle shares", async () => {
    const w = new Variable([1, 2], { name: "w" });
    const held = w.value;
    await realise(held);
    w.assign(w.value.add(1));
    await step();
    w.assign(w.value.add(1));
    await step();
    expect(await held.array()).toEqual([1, 2]);
    expect(await w.value.array()).toEqual([3, 4]);
  });

  it("poisons donated storage, so that a use of it would show", async () => {
    const w = new Variable([1, 2], { name: "w" });
    await w.value.data();
    const old = w.storageOf(0)!;
    w.assign(w.value.add(1));
    await step();
    await expect(old.device.read(old)).rejects.toThrow("freed or donated");
  });

  it("lets the assigned tensor stand for the new version", async () => {
    const w = new Variable([1], { name: "w" });
    const next = w.value.add(1);
    w.assign(next);
    await step();
    expect(await next.array()).toEqual([2]);
    w.assign(w.value.add(1));
    await step();
    await expect(next.mul(1).data()).rejects.toMatchObject({ code: "StaleVariable" });
  });

  it("checks shape and dtype of an assignment at once", () => {
    const w = new Variable([1, 2], { name: "w" });
    expect(() => w.assign(tensor([[1, 2]]))).toThrow("assign to w: needs [2], got [1, 2]");
    expect(() => w.assign(tensor([1, 2], { dtype: "i32" }))).toThrow("assign to w: needs f32, got i32");
  });
});
