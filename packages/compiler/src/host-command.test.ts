import { registry, roundToHalf, type DType, type Instruction, type Spec } from "@steelyard/core";
import { describe, expect, test } from "vitest";
import { runHostCommand, type HostCommand } from "./host-command.ts";

const primitive = (name: string): Instruction["primitive"] => registry.find((each) => each.name === name)!;

function instruction(name: string, attrs: Instruction["attrs"], { shape, dtype }: Spec): Instruction {
  return { primitive: primitive(name), inputs: [], attrs, shape, dtype, bound: false, label: name };
}

function command(name: string, attrs: Instruction["attrs"], dtype: DType, inSpecs: readonly Spec[]): HostCommand {
  const inputs = inSpecs.map((_, i) => i);
  return { kind: "host", instruction: instruction(name, attrs, { shape: [3], dtype }), inSpecs, inputs, output: 9 };
}

describe("the host computes", () => {
  test("what has no kernel by the primitive's own forward, and leaves its inputs alone", async () => {
    const from = Float32Array.of(1, 2, 3);
    const values = await runHostCommand(command("neg", {}, "f32", [{ shape: [3], dtype: "f32" }]), [from], null);
    expect(Array.from(values)).toEqual([-1, -2, -3]);
    expect(from).toEqual(Float32Array.of(1, 2, 3));
  });

  test("f64 in f64", async () => {
    const specs = [{ shape: [3], dtype: "f64" }] as const;
    const values = await runHostCommand(command("exp", {}, "f64", specs), [Float64Array.of(0, 1, 0.1)], null);
    expect(Array.from(values)).toEqual([1, Math.E, Math.exp(0.1)]);
  });

  test("an f16 in f32, and rounds what it stores", async () => {
    const specs = [{ shape: [3], dtype: "f16" }] as const;
    const values = await runHostCommand(command("exp", {}, "f16", specs), [Float32Array.of(0, 1, 0.5)], null);
    expect(Array.from(values)).toEqual([0, 1, 0.5].map((x) => roundToHalf(Math.fround(Math.exp(x)))));
  });
});

const solve = (sizes: readonly number[]): HostCommand => ({
  kind: "solve",
  slot: 0,
  instruction: instruction("hostSolve", { sizes: [...sizes], dtype: "f32" }, { shape: [3], dtype: "f32" }),
  inputs: [0],
  output: 9,
});

describe("what is bound", () => {
  test("a function gets its inputs in f64, as copies, and gives one array for each size", async () => {
    const from = Float32Array.of(1, 2, 3);
    const values = await runHostCommand(solve([1, 2]), [from], (x: Float64Array) => {
      expect(x).toBeInstanceOf(Float64Array);
      const [a, b, c] = x as unknown as [number, number, number];
      x.fill(0);
      return Promise.resolve([[a + b], [b, c]]);
    });
    expect(Array.from(values)).toEqual([3, 2, 3]);
    expect(from).toEqual(Float32Array.of(1, 2, 3));
  });

  test("a function that gives other sizes than it promised is an error", async () => {
    await expect(runHostCommand(solve([1, 2]), [Float32Array.of(1)], () => [[1], [2]])).rejects.toThrow(/hostSolve/u);
  });

  test("a number fills the value", async () => {
    expect(Array.from(await runHostCommand(solve([3]), [], 0.1))).toEqual([0.1, 0.1, 0.1]);
  });
});
