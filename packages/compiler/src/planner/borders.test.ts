import { conv, convTranspose, gradients, interpreter, sum, tensor, type Tensor } from "@steelyard/core";
import { evaluate } from "@steelyard/core/testing";
import { describe, expect, test } from "vitest";
import { programOf } from "../../test/program-of.ts";
import type { Plan } from "../plan.ts";
import type { Target } from "../target.ts";
import { simulatedDevice } from "../testing/simulated-device.ts";
import { bordersOf } from "./borders.ts";
import { graphOf } from "./graph.ts";

const target: Target = { columns: 8, panels: true };
const numbers = (...shape: number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((n, size) => n * size, 1) }, (_, i) => (i % 7) - 3),
    { shape },
  );

const x = numbers(2, 5, 6, 3);
const filter = (kernel: number): Tensor => numbers(kernel, kernel, 3, 4);

/** How many zeros each operand gets before and behind it along height and width. */
async function bordersIn(roots: readonly Tensor[]): Promise<Record<string, string>> {
  const borders = bordersOf(graphOf(await programOf(roots)).values, target);
  return Object.fromEntries(
    [...borders].map(([{ instruction }, { low, high }]) => [
      instruction.primitive?.name ?? "input",
      [1, 2].map((axis) => `${low[axis]} ${high[axis]}`).join(", "),
    ]),
  );
}

/** All who may read a value with a border. */
function build(): Tensor[] {
  const from = x.relu();
  const [small, large] = [3, 5].map((k) => conv(from, filter(k), { padding: "same" })) as [Tensor, Tensor];
  const up = convTranspose(small, numbers(3, 3, 4, 3).reshape([3, 3, 3, 4]), { stride: 2 });
  return [small, large, from.sum([0]), from.transpose().add(1), up, ...gradients(sum(large.square()), [from])];
}

describe("the zeros around what a convolution reads", () => {
  test.each<[string, () => readonly Tensor[], Record<string, string>]>([
    ["none, where it reads inside", () => [conv(x, filter(3))], {}],
    ["as many as its padding", () => [conv(x, filter(3), { padding: "same" })], { input: "1 1, 1 1" }],
    [
      "less what a stride does not reach",
      () => [conv(x, filter(3), { padding: "same", stride: 2 })],
      { input: "1 1, 0 1" },
    ],
    [
      "the most that any reader asks for",
      () => [3, 5].map((k) => conv(x.relu(), filter(k), { padding: "same" })),
      { relu: "2 2, 2 2" },
    ],
  ])("are %s", async (_, roots, expected) => {
    expect(await bordersIn(roots())).toEqual(expected);
  });

  test("are stored by whoever makes the operand, and nobody else sees them", async () => {
    const plans: Plan[] = [];
    const device = simulatedDevice(target, (plan) => plans.push(plan));
    expect(await evaluate(device, build())).toEqual(await evaluate(interpreter(), build()));
    const bordered = plans[0]!.commands.filter(
      (command) =>
        command.kind === "kernel" && command.kernel.kind === "loop" && command.kernel.name.startsWith("relu"),
    );
    expect(
      bordered.map((command) => command.kind === "kernel" && command.kernel.kind === "loop" && command.kernel.space),
    ).toEqual([[2, 9, 10, 3]]);
  });
});
