import { describe, expect, it } from "vitest";
import { random, step, tensor, Variable } from "@steelyard/core";
import { BatchNorm, Conv, countParameters, Linear, nameVariables, parameters, restore, Sequential } from "./index.ts";
import { snapshot, variables } from "./index.ts";

const key = random.key(1);
const paths = (tree: object): string[] => [...variables(tree).keys()];

/** A module as a user writes one: fields, and nothing registered. */
class Net {
  trunk = new Sequential({
    conv1: new Conv(3, 4, { key, kernel: 3, bias: false }),
    norm1: new BatchNorm(4),
    relu: (x: unknown) => x as never,
  });
  heads = [new Linear(4, 2, { key }), new Linear(4, 7, { key, bias: false })];
  name = "net";
  table = new Float32Array(3);
  constantTensor = tensor([1]);
}

describe("modules are plain trees of Variables", () => {
  it("finds Variables in fields, arrays and records, by dotted path and in field order", () => {
    expect(paths(new Net())).toEqual([
      "trunk.conv1.weight",
      "trunk.norm1.shift",
      "trunk.norm1.mean",
      "trunk.norm1.variance",
      "heads.0.weight",
      "heads.0.bias",
      "heads.1.weight",
    ]);
  });

  it("trains what is trainable, and counts it", () => {
    const net = nameVariables(new Net(), "net");
    expect(parameters(net).map(({ name }) => name)).toEqual([
      "net.trunk.conv1.weight",
      "net.trunk.norm1.shift",
      "net.heads.0.weight",
      "net.heads.0.bias",
      "net.heads.1.weight",
    ]);
    expect(countParameters(net)).toBe(3 * 3 * 3 * 4 + 4 + (4 * 2 + 2) + 4 * 7);
  });

  it("lists tied weights once and survives cycles", () => {
    const tied = new Variable([1]);
    const tree: Record<string, unknown> = { a: tied, b: { c: tied } };
    tree["self"] = tree;
    expect(paths(tree)).toEqual(["a"]);
  });

  it("refuses two Variables at one path", () => {
    const tree = { "a.b": new Variable([1]), a: { b: new Variable([2]) } };
    expect(() => variables(tree)).toThrowErrorMatchingInlineSnapshot(`
      [UsageError: variables: needs one path for each Variable, got two Variables at a.b
        hint: keep dots out of field names and record keys]
    `);
  });
});

const pair = (): { a: Variable; b: Variable } => ({ a: new Variable([1, 2]), b: new Variable([[3]]) });

describe("snapshots", () => {
  it("start several runs from the same numbers", async () => {
    const tree = pair();
    const saved = await snapshot(tree);
    tree.a.assign(tree.a.value.mul(10));
    await step();
    expect(await tree.a.value.array()).toEqual([10, 20]);
    await restore(tree, saved);
    expect(await tree.a.value.array()).toEqual([1, 2]);
    expect(saved).toEqual({ a: Float32Array.of(1, 2), b: Float32Array.of(3) });
  });

  it("are copies: training afterwards does not change them", async () => {
    const tree = pair();
    const saved = await snapshot(tree);
    saved["a"]![0] = 99;
    expect(await tree.a.value.array()).toEqual([1, 2]);
  });

  it("restore nothing by half", async () => {
    const tree = pair();
    const wrong = { a: Float32Array.of(7, 7), b: Float32Array.of(1, 2) };
    await expect(restore(tree, wrong)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: restore b: needs 1 numbers of f32 for shape [1, 1], got 2 of f32]`,
    );
    await expect(restore(tree, { a: wrong.a })).rejects.toThrowErrorMatchingInlineSnapshot(`
      [UsageError: restore: needs an entry for every Variable, got none for b
        hint: a snapshot fits the tree it was taken of; pick the entries you want for another one]
    `);
    await expect(restore(tree, { ...wrong, c: wrong.a })).rejects.toThrowErrorMatchingInlineSnapshot(`
      [UsageError: restore: needs a Variable for every entry, got none for c
        hint: a snapshot fits the tree it was taken of; pick the entries you want for another one]
    `);
    await expect(restore(tree, { a: Int32Array.of(7, 7), b: wrong.b })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[DTypeError: restore a: needs 2 numbers of f32 for shape [2], got 2 of i32]`,
    );
    await step();
    expect([await tree.a.value.array(), tree.a.version]).toEqual([[1, 2], 0]);
  });
});
