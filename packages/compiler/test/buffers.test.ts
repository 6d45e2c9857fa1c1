import { concat, conv, gradients, interpreter, matmul, sum, tensor, where, type Tensor } from "@steelyard/core";
import { evaluate, randomGraph } from "@steelyard/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Command, Plan } from "../src/index.ts";
import { simulatedDevice } from "../src/testing/simulated-device.ts";
import { fuzz } from "./fuzz.ts";
import { namesOf } from "./planned.ts";
import { whole } from "./placed.ts";

// A device binds only so many buffers to a kernel: WebGPU promises 8. What would read more is cut by storing what is
// between.

const numbers = (seed: number, ...shape: number[]): Tensor =>
  tensor(
    whole(
      shape.reduce((n, size) => n * size, 1),
      seed,
      3,
    ),
    { shape, dtype: "f32" },
  );
const several = (count: number, ...shape: number[]): Tensor[] =>
  Array.from({ length: count }, (_, seed) => numbers(seed, ...shape));
const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => a.add(b));

/** The kernels of a plan; none had to be cut afterwards, which would have left an offset. */
function kernelsOf({ commands }: Plan): Extract<Command, { kind: "kernel" }>[] {
  const kernels = commands.filter((command) => command.kind === "kernel");
  expect(kernels.filter(({ kernel, offsets }) => offsets !== undefined && !kernel.name.startsWith("part of"))).toEqual(
    [],
  );
  return kernels;
}

/** The most buffers that a kernel of the plan has. */
const mostOf = (plan: Plan): number => Math.max(0, ...kernelsOf(plan).map(({ buffers }) => buffers.length));

/** The plan of the roots for so many buffers, which has no kernel of more; the values are those of the interpreter. */
async function proved(buffers: number, roots: readonly Tensor[]): Promise<Plan> {
  const plans: Plan[] = [];
  const device = simulatedDevice({ columns: 8, panels: true, buffers }, (plan) => plans.push(plan));
  const computed = await evaluate(device, roots);
  expect(computed).toEqual(await evaluate(interpreter(), roots));
  const [plan] = plans as [Plan];
  expect(mostOf(plan)).toBeLessThanOrEqual(buffers);
  return plan;
}

describe("no kernel touches more buffers than a device has room for:", () => {
  test.each<[string, () => readonly Tensor[]]>([
    ["a sum of many terms", () => [total(several(20, 3, 4))]],
    ["terms that are sums themselves", () => [total(several(4, 6).map((x) => total([x, ...several(5, 6)]).relu()))]],
    [
      "choices among many",
      () => {
        const of = (): Tensor => total(several(3, 5));
        return [where(of().greater(of()), where(numbers(7, 5).less(of()), of(), numbers(8, 5)), total(several(6, 5)))];
      },
    ],
    ["values one behind the other", () => [concat(several(7, 2, 3), 0).mul(2), concat(several(4, 3), 0).add(1)]],
    ["a reduction of much, and much made of it", () => [sum(total(several(6, 4, 5)), 1).mul(total(several(5, 4)))]],
    [
      "what is done to a product",
      () => [total([matmul(numbers(1, 6, 5), numbers(2, 5, 7)), numbers(4, 7), ...several(3, 6, 7)]).relu()],
    ],
    [
      "what is done to a product, of one value in two places",
      () => {
        const [a, r] = several(2, 6, 6) as [Tensor, Tensor];
        return [matmul(a, a).add(r).add(r.transpose()).add(a)];
      },
    ],
    [
      "what is done to a convolution of what has borders",
      () => [
        total([conv(total(several(9, 1, 5, 5, 2)), numbers(1, 3, 3, 2, 4), { padding: "same" }), ...several(4, 4)]),
      ],
    ],
    ["kernels that could be one", () => several(12, 8).map((x, i) => x.mul(numbers(99, 8)).add(i))],
    [
      "values that others read too",
      () => {
        const [a, b, c, d] = several(4, 6) as [Tensor, Tensor, Tensor, Tensor];
        const u = a.add(b);
        const v = u.add(c);
        return [where(u.less(v), v.mul(d), u.mul(a)), v.add(d).mul(u.sub(c)).sub(b.mul(d))];
      },
    ],
  ])("%s", async (_, build) => {
    for (const buffers of [4, 5, 6, 8]) await proved(buffers, build());
  });

  test("a sum of 20 terms for 8 buffers is stored each time that 7 are read", async () => {
    expect(namesOf(await proved(8, [total(several(20, 3))]))).toHaveLength(4);
  });

  test("a value that is stored for one who read too much, when others read what it was made of as well", async () => {
    const [a, b, c, d] = [numbers(1, 1), ...several(3, 8)] as [Tensor, Tensor, Tensor, Tensor];
    const u = a.add(b);
    // Of a, b and c; but of u, a, b and c as soon as u is stored, because the sum would read four.
    await proved(4, [where(u.less(a), b, c), u.add(c.mul(d))]);
  });

  test("any graph and its gradient", async () => {
    const cases = fc.record({ seed: fc.nat(), buffers: fc.constantFrom(4, 6, 8) });
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, buffers }) => {
        const plans: Plan[] = [];
        const observe = (plan: Plan): void => void plans.push(plan);
        const roots = (): Tensor[] => {
          const { inputs, output } = randomGraph(seed, { smooth: true, depth: 12 });
          return [output, ...gradients(sum(output), inputs)];
        };
        const narrow = await evaluate(simulatedDevice({ columns: 8, panels: true, buffers }, observe), roots());
        const wide = await evaluate(simulatedDevice({ columns: 8, panels: true }), roots());
        expect(Math.max(...plans.map(mostOf))).toBeLessThanOrEqual(buffers);
        // Whatever is stored is an f32 as it was in a register: not a bit differs.
        expect(narrow).toEqual(wide);
      }),
      fuzz(60),
    );
  });
});
