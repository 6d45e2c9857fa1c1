import {
  argMax,
  argMin,
  concat,
  conv,
  gather,
  gradients,
  interpreter,
  iota,
  matmul,
  max,
  maxPool,
  pad,
  sum,
  tensor,
  where,
  type Tensor,
} from "@steelyard/core";
import { evaluate } from "@steelyard/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Plan, Target } from "../src/index.ts";
import { simulatedDevice } from "../src/testing/simulated-device.ts";
import { fuzz } from "./fuzz.ts";
import { whole } from "./placed.ts";

// Plans for a device that binds small windows of large buffers. The simulated device gives a kernel nothing but the
// windows, and numbers are whole: not a bit may differ from what the interpreter computes.

const volume = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);
const numbers = (seed: number, ...shape: number[]): Tensor =>
  tensor(whole(volume(shape), seed, 3), { shape, dtype: "f32" });
const places = (seed: number, below: number, ...shape: number[]): Tensor =>
  tensor(
    whole(volume(shape), seed, 1000).map((x) => Math.abs(x) % below),
    { shape, dtype: "i32" },
  );

/** Graphs of tensors of some hundred elements, for random sizes. */
const graphs: Record<string, (a: number, b: number, c: number, seed: number) => readonly Tensor[]> = {
  maps: (a, b, c, s) => [
    numbers(s, a, b, c)
      .mul(numbers(s, b, c))
      .add(numbers(s, a, 1, c))
      .relu(),
  ],
  "a transpose": (a, b, c, s) => [
    numbers(s, a * b, 2 * c)
      .transpose()
      .add(numbers(s, 2 * c, a * b)),
  ],
  "a tensor and its transpose": (a, b, _, s) => {
    const x = numbers(s, a + b, a + b);
    return [x.add(x.transpose()).mul(x.flip([0, 1]))];
  },
  "several values behind each other": (a, b, c, s) => {
    const x = numbers(s, a, b, c);
    return [concat([x, numbers(s + 1, a, 3, c), x.neg(), x.flip(1)], 1).mul(2), concat([x, x, x], 0).add(1)];
  },
  "many values behind each other": (a, b, _, s) => [
    concat(
      Array.from({ length: 12 }, (__, i) => numbers(s + i, a, b)),
      1,
    ),
  ],
  padding: (a, b, c, s) => [
    pad(numbers(s, a, b, c), [
      [1, 0],
      [0, 3],
      [2, 1],
    ]),
  ],
  sums: (a, b, c, s) => {
    const x = numbers(s, a, b, c);
    return [sum(x), sum(x, 0), sum(x, 1), sum(x, 2), sum(x, [0, 2]).mul(numbers(s, b))];
  },
  "several reductions at once": (a, b, c, s) => {
    const x = numbers(s, a, b * c);
    return [sum(x, 0), max(x, 0), argMax(x, 0), sum(x.mul(x), 0)];
  },
  "first places": (a, b, c, s) => {
    const x = numbers(s, a, b, c);
    return [argMax(x, 0), argMin(x, 1), argMax(x, 2), argMax(x.reshape([-1]), 0)];
  },
  "a matrix product": (a, b, c, s) => [
    matmul(numbers(s, a * b, 4 * c), numbers(s, 4 * c, b + 3)).add(numbers(s, b + 3)),
  ],
  "products of a batch": (a, b, c, s) => [matmul(numbers(s, a, b, c), numbers(s, a, c, b)).relu()],
  "a product of transposed matrices": (a, b, c, s) => {
    const [x, y] = [numbers(s, a * b, 2 * c), numbers(s + 1, a + 5, a * b)];
    return [matmul(x.transpose(), y.transpose()).add(numbers(s, a + 5, 2 * c).transpose())];
  },
  "a convolution and its gradients": (a, b, c, s) => {
    const [x, w] = [numbers(s, 2, a + 2, b + 2, c), numbers(s, 3, 3, c, 5)];
    const y = conv(x, w, { padding: "same", stride: 2 });
    return [y.relu(), ...gradients(sum(y.mul(y)), [x, w])];
  },
  "rows of a table": (a, b, c, s) => [gather(numbers(s, 20 * a, c), places(s, 20 * a, b, 2), 0).mul(2)],
  "columns of a table": (a, b, c, s) => [gather(numbers(s, c, 30 * a), places(s, 30 * a, b), 1).add(numbers(s, b))],
  "sums of rows of a table": (a, b, c, s) => [sum(gather(numbers(s, 20 * a, c), places(s, 20 * a, b, 3), 0), 1)],
  "rows by computed places": (a, b, c, s) => {
    const at = where(places(s, 9, b).less(5), places(s, 5 * a, b), iota([b], 0));
    return [gather(numbers(s, 20 * a + b, c), at, 0).relu(), pad(gather(numbers(s, 500), at, 0), [[2, 1]])];
  },
  "the largest of windows, and their gradient": (a, b, c, s) => {
    const x = numbers(s, 2, a + 1, b + 1, c);
    const y = maxPool(x, { window: 2, padding: "same" });
    return [y, ...gradients(sum(y.mul(y)), [x])];
  },
};

function convolution(): readonly Tensor[] {
  const y = conv(numbers(1, 1, 9, 10, 4), numbers(2, 3, 3, 4, 5), { padding: "same" });
  return [y.add(numbers(3, 5)).relu()];
}

/** The simulated device holds kernels to their windows; here they are held to the number of buffers. */
async function requireEqual(target: Target, build: () => readonly Tensor[]): Promise<void> {
  const plans: Plan[] = [];
  const computed = await evaluate(
    simulatedDevice(target, (plan) => plans.push(plan)),
    build(),
  );
  expect(computed).toEqual(await evaluate(interpreter(), build()));
  for (const command of plans.flatMap(({ commands }) => commands)) {
    if (command.kind === "kernel") expect(command.buffers.length).toBeLessThanOrEqual(target.buffers!);
  }
}

const targets = fc.record({
  columns: fc.constantFrom(4, 8, 16),
  panels: fc.boolean(),
  buffers: fc.integer({ min: 4, max: 8 }),
  window: fc.oneof(fc.integer({ min: 128, max: 300 }), fc.integer({ min: 300, max: 1000 }), fc.constantFrom(128, 192)),
});

describe("kernels in pieces that touch small windows give the same:", () => {
  test.each(Object.keys(graphs))("%s", async (name) => {
    const size = fc.integer({ min: 2, max: 9 });
    await fc.assert(
      fc.asyncProperty(targets, size, size, size, fc.nat(999), (target, a, b, c, seed) =>
        requireEqual(target, () => graphs[name]!(a, b, c, seed)),
      ),
      fuzz(12),
    );
  });

  test("a convolution by Winograd's transforms, which move far in their planes", async () => {
    const target = { columns: 8, panels: true, winograd: { cost: 0, resident: 3000 } };
    // Few channels: no sum is cut, so it is rounded at the same places.
    const wholes = await evaluate(simulatedDevice(target), convolution());
    expect(await evaluate(simulatedDevice({ ...target, window: 192, buffers: 6 }), convolution())).toEqual(wholes);
  });
});
