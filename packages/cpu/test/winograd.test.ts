import { add, conv, f32Algebra, gradients, interpret, relu, type HostArray, type Tensor } from "@steelyard/core";
import { drawing, drawInput, evaluate } from "@steelyard/core/testing";
import type { Plan } from "@steelyard/compiler";
import { winogradError } from "@steelyard/compiler/testing";
import { describe, expect, test } from "vitest";
import { cpu, type CpuOptions } from "../src/index.ts";

// Large enough for groups of images, for edges of tiles, and for panels that are not full.
const draw = drawing(31);
const [c, o] = [64, 70];
const whole = (...shape: number[]): Tensor => drawInput({ shape }, draw, { wholeUpTo: 4 });
const [x, w, bias, dy] = [whole(8, 18, 15, c), whole(3, 3, c, o), whole(o), whole(8, 18, 15, o)];

/** A layer, and what comes back to its input. */
function layer(): Tensor[] {
  const y = conv(x, w, { padding: "same" });
  return [relu(add(y, bias)), ...gradients(y, [x], { cotangent: dy })];
}

interface Results {
  readonly values: readonly HostArray[];
  /** Whether each direction was computed by Winograd's transforms. */
  readonly transformed: readonly boolean[];
}

async function run(options: CpuOptions, work = layer): Promise<Results> {
  const plans: Plan[] = [];
  const device = cpu({ ...options, observe: (plan) => plans.push(plan) });
  try {
    const values = await evaluate(device, work());
    const names = plans.flatMap(({ commands }) =>
      commands.map((each) => (each.kind === "kernel" ? each.kernel.name : "")),
    );
    const transformed = ["conv", "convGradInput"].map((name) => names.includes(`inputs of ${name}`));
    return { values, transformed };
  } finally {
    await device.close();
  }
}

// Exact: the numbers are whole.
const exact = interpret(f32Algebra, layer()).map(({ planes }) => planes[0]!);

describe("convolutions by Winograd's transforms are within the bound of their error", () => {
  test.each([
    { threads: 1, family: "plain" },
    { threads: 2, family: "fma" },
    { threads: 2, family: "wide" },
    { threads: 2, family: "wide", revectorize: true },
  ] as const)("with %o", async (options) => {
    const { values, transformed } = await run(options);
    expect(transformed).toEqual([true, true]);
    values.forEach((each, root) => {
      // The bias is added to numbers below 2¹⁴, and the sum is rounded.
      const bound = winogradError(root === 0 ? c : o, 4, 4) + 2 ** (14 - 24);
      expect(each).toHaveLength(exact[root]!.length);
      const errors = Array.from(each, (value, i) => Math.abs(value - exact[root]![i]!));
      expect(errors.findIndex((error) => !(error <= bound))).toBe(-1);
    });
  });
});

test("bits do not depend on the number of threads", async () => {
  const [one, three] = [await run({ threads: 1 }), await run({ threads: 3 })];
  expect(one.transformed).toEqual([true, true]);
  expect(three.values).toEqual(one.values);
});

const narrow = (): Tensor[] => [conv(x, whole(3, 3, c, 3), { padding: "same" })];

describe("direct sums are taken", () => {
  test.each([{ deterministic: true }, { winograd: false }])("with %o, and are exact", async (options) => {
    const { values, transformed } = await run({ threads: 1, ...options });
    expect(transformed).toEqual([false, false]);
    expect(values).toEqual(exact);
  });

  test("where there are few channels", async () => {
    expect((await run({ threads: 1 }, narrow)).transformed).toEqual([false, false]);
  });
});
