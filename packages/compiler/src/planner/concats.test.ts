import { concat, interpreter, tensor, type Tensor } from "@steelyard/core";
import { evaluate } from "@steelyard/core/testing";
import { describe, expect, test } from "vitest";
import { keyOf } from "../expression.ts";
import type { Plan } from "../plan.ts";
import { simulatedDevice } from "../testing/simulated-device.ts";

const numbers = (from: number, ...shape: number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((n, size) => n * size, 1) }, (_, i) => from + i),
    { shape },
  );

/** The plan of the root; its values are held to the interpreter's. */
async function proved(root: Tensor): Promise<Plan> {
  const plans: Plan[] = [];
  const device = simulatedDevice({ columns: 8, panels: true }, (plan) => plans.push(plan));
  expect(await evaluate(device, [root])).toEqual(await evaluate(interpreter(), [root]));
  return plans[0]!;
}

const kernelsOf = ({ commands }: Plan): Set<string> =>
  new Set(commands.map((command) => (command.kind === "kernel" ? keyOf(command.kernel) : "none")));

describe("values one behind the other", () => {
  test("are one expression when they are few", async () => {
    expect((await proved(concat([numbers(0, 2, 3), numbers(9, 1, 3)], 0).neg())).commands).toHaveLength(1);
  });

  test("are stored one by one when they are many, by one kernel if they are of one shape", async () => {
    const plan = await proved(
      concat(
        Array.from({ length: 20 }, (_, i) => numbers(10 * i, 3, 2)),
        1,
      ),
    );
    expect(plan.commands).toHaveLength(20);
    expect(kernelsOf(plan).size).toBe(1);
  });

  test("may be of several lengths, empty, computed, views, and the same", async () => {
    const x = numbers(3, 2, 3);
    const parts = [x, numbers(0, 0, 3), x.neg(), x.flip(0), numbers(1, 3, 2).transpose(), x.slice([1, 0], [1, 3])];
    await proved(concat([...parts, ...parts], 0).add(1));
    await proved(concat([...parts, ...parts], 0).transpose());
  });
});
