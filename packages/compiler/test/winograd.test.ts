import { add, conv, gradients, mul, sum, type Tensor } from "@steelyard/core";
import { drawing, drawInput, evaluate } from "@steelyard/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filterTransform, grid, inputTransform, outputTransform } from "../src/contraction/winograd-transforms.ts";
import { allParts } from "../src/expression.ts";
import type { Expr } from "../src/ir.ts";
import { simulatedDevice } from "../src/testing/simulated-device.ts";
import { winogradError, winogradGrowth } from "../src/testing/winograd-error.ts";
import { showPlan, type Plan, type Target } from "../src/index.ts";
import { check, convCall, gradInputCall, residual, simple, type Call, type Setting } from "./contraction-calls.ts";
import { fuzz } from "./fuzz.ts";
import { layouts, plain } from "./placed.ts";
import { namesOf } from "./planned.ts";
import { chooses, eager, same, slide } from "./winograd-cases.ts";
import type { ConvCase } from "./window-cases.ts";

// Whole numbers are no help here: G has entries like 64/119. Results are held to the bound of winograd-error.ts, which for
// few channels is far below 1, while whatever is read from a wrong place is off by whole numbers.

const load = (buffer: number, at: number): Expr => {
  return { kind: "load", dtype: "f32", buffer, at: { constant: at, coefficients: [] } };
};

/** The value of an expression in double precision. */
function valueOf(expr: Expr, buffers: readonly (readonly number[])[]): number {
  switch (expr.kind) {
    case "load":
      return buffers[expr.buffer]![expr.at.constant]!;
    case "constant":
      return expr.value;
    case "call": {
      const [a, b] = expr.args.map((arg) => valueOf(arg, buffers)) as [number, number];
      return { add: a + b, sub: a - b, mul: a * b }[expr.name]!;
    }
    default:
      throw new Error(`a transform holds a ${expr.kind}`);
  }
}

const numbers = (length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min: -1, max: 1, noNaN: true, noDefaultInfinity: true }), {
    minLength: length,
    maxLength: length,
  });

const square = (size: number): Expr[][] => grid(size, (i, j) => load(0, size * i + j));

function operations(outputs: readonly (readonly Expr[])[]): string {
  const names = allParts(outputs.flat()).flatMap((expr) => (expr.kind === "call" ? [expr.name] : []));
  return [...new Set(names)].map((name) => `${names.filter((each) => each === name).length} ${name}`).join(", ");
}

describe("Winograd's transforms", () => {
  test("give what a filter gives that slides over the tile", () => {
    const u = filterTransform(grid(3, (i, j) => load(0, 3 * i + j)));
    const v = inputTransform(grid(6, (i, j) => load(1, 6 * i + j)));
    const y = outputTransform(
      grid(6, (i, j): Expr => ({ kind: "call", dtype: "f32", name: "mul", args: [u[i]![j]!, v[i]![j]!] })),
    );
    fc.assert(
      fc.property(numbers(9), numbers(36), (taps, inputs) => {
        const error = winogradError(1, 1, 1, 2 ** -53);
        grid(4, (i, j) => {
          const direct = grid(3, (p, q) => taps[3 * p + q]! * inputs[6 * (i + p) + j + q]!).flat();
          const exact = direct.reduce((total, term) => total + term, 0);
          expect(Math.abs(valueOf(y[i]![j]!, [taps, inputs]) - exact)).toBeLessThanOrEqual(error);
        });
      }),
      fuzz(20),
    );
  });

  test("take few operations, and only such as V8's revectorizer fuses", () => {
    expect(operations(filterTransform(square(3)))).toMatchInlineSnapshot(`"63 mul, 27 sub, 27 add"`);
    expect(operations(inputTransform(square(6)))).toMatchInlineSnapshot(`"120 mul, 72 add, 72 sub"`);
    expect(operations(outputTransform(square(6)))).toMatchInlineSnapshot(`"80 add, 20 sub, 60 mul"`);
  });

  test("let errors grow 63 times as much as direct sums do, at the very worst", () => {
    expect(winogradGrowth / 9).toBeLessThan(63);
  });
});

const spread = fc.oneof(
  { weight: 2, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.integer({ min: 2, max: 4 }) },
);

const slides: fc.Arbitrary<ConvCase> = fc
  .record({
    n: fc.integer({ min: 1, max: 4 }),
    sizes: fc.tuple(fc.integer({ min: 1, max: 11 }), fc.integer({ min: 1, max: 11 })),
    low: fc.tuple(fc.nat(3), fc.nat(3)),
    high: fc.tuple(fc.nat(3), fc.nat(3)),
    dilation: fc.tuple(spread, spread),
    groups: fc.oneof(
      { weight: 2, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.integer({ min: 2, max: 4 }) },
    ),
    c: fc.integer({ min: 1, max: 5 }),
    o: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(8, 11, 20)),
  })
  .map(({ n, sizes, low, high: above, c, o, dilation, groups }) => {
    const least = (i: number): number => 2 * dilation[i]! + 1 - sizes[i]! - low[i]!;
    const padding = sizes.map((_, i): [number, number] => [low[i]!, Math.max(above[i]!, least(i))]);
    return slide(n, sizes, c, o, padding, { dilation, groups });
  });
const calls = slides.chain((one) => fc.constantFrom(convCall(one), gradInputCall(one))).filter((call) => chooses(call));

const settings: fc.Arbitrary<Setting> = fc.record({
  layouts: fc.oneof(fc.constant([plain, plain, plain] as const), fc.tuple(layouts, layouts, layouts)),
  target: fc.record({
    columns: fc.constantFrom(4, 8, 16),
    panels: fc.boolean(),
    winograd: fc.record({ cost: fc.constant(0), resident: fc.oneof(fc.nat(4000), fc.nat(40_000)) }),
  }),
  seed: fc.nat(),
});

/** The bound for whole numbers up to 4. */
const errorOf = ({ ins }: Call): number => winogradError(ins[0]!.at(-1)!, 4, 4);

describe("lowered to Winograd's transforms", () => {
  test("convolutions and their input gradients are within the bound, wherever operands lie and batches are cut", () => {
    fc.assert(
      fc.property(calls, settings, (call, setting) => {
        const { steps } = check(call, { ...setting, error: errorOf(call) });
        expect(steps.some(({ kernel }) => kernel.name.startsWith("inputs of"))).toBe(true);
      }),
      fuzz(60),
    );
  });

  test("epilogues are applied to every output where it lies", () => {
    const axes = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(calls, settings, fc.tuple(axes, axes), fc.tuple(layouts, layouts), (call, setting, still, where) => {
        // It multiplies by 3, after and before it rounds numbers that are below 2¹³.
        const error = 3 * errorOf(call) + 2 * 2 ** (13 - 24);
        check(call, { ...setting, error }, residual(still, where, setting.seed));
      }),
      fuzz(60),
    );
  });

  test("batches of images run the same kernels at other offsets", () => {
    const call = convCall(slide(6, [8, 7], 4, 8, [same, same]));
    const target: Target = { ...eager, winograd: { cost: 0, resident: 4 * 36 * 12 * 2 } };
    const { steps } = check(call, { ...simple, target, error: errorOf(call) });
    // Filters; and for each of three pairs of images inputs, products, whole tiles and tiles of three columns.
    expect(steps).toHaveLength(1 + 3 * 4);
    expect(new Set(steps.map(({ kernel }) => kernel)).size).toBe(1 + 4);
    const inputs = steps.filter(({ kernel }) => kernel.name === "inputs of conv");
    expect(inputs.map(({ offsets }) => offsets)).toEqual([0, 1, 2].map((pair) => [pair * 2 * 10 * 10 * 4, 0]));
  });

  test("the lattices of a dilated filter run the same kernels at other offsets", () => {
    const call = convCall(slide(1, [8, 16], 4, 8, [[2, 2], same], { dilation: [2, 1] })); // prettier-ignore
    const { steps } = check(call, { ...simple, target: { ...eager, winograd: { cost: 0, resident: 2 ** 20 } }, error: errorOf(call) }); // prettier-ignore
    expect(steps).toHaveLength(1 + 2 * 3);
    expect(new Set(steps.map(({ kernel }) => kernel)).size).toBe(1 + 3);
    const inputs = steps.filter(({ kernel }) => kernel.name === "inputs of conv");
    expect(inputs.map(({ offsets }) => offsets![0])).toEqual([0, 18 * 4]);
  });

  test("images that are too large are cut into rows of tiles", () => {
    const call = convCall(slide(2, [17, 8], 4, 8, [same, same]));
    const target: Target = { ...eager, winograd: { cost: 0, resident: 2 * 2 * 36 * 12 } };
    const { steps } = check(call, { ...simple, target, error: errorOf(call) });
    const inputs = steps.filter(({ kernel }) => kernel.name === "inputs of conv");
    // Two, two and one of the five rows of tiles; the last tiles keep one row of outputs.
    const rows = inputs.map(({ kernel }) => (kernel.kind === "loop" ? kernel.space[1] : null));
    expect(rows).toEqual([2, 2, 1, 2, 2, 1]);
  });
});

const draw = drawing(3);
const drawn = (...shape: number[]): Tensor => drawInput({ shape }, draw, { wholeUpTo: 3 });

describe("plans with Winograd's transforms", () => {
  const [x, f, g, b] = [drawn(3, 9, 8, 4), drawn(3, 3, 4, 8), drawn(3, 3, 4, 8), drawn(8)];
  /** Two convolutions of one input, one of them twice, and the gradients of both. */
  const work = (): Tensor[] => {
    const one = add(conv(x, f, { padding: "same" }), b);
    const other = conv(x, g, { padding: "same" });
    const again = conv(mul(x, 2), f, { padding: "same" });
    return [one, other, again, ...gradients(sum(mul(one, other)), [x])];
  };

  async function run(target: Target): Promise<{ values: number[][]; plan: Plan }> {
    const plans: Plan[] = [];
    const values = await evaluate(simulatedDevice(target, (plan) => plans.push(plan)), work()); // prettier-ignore
    return { values: values.map((each) => Array.from(each as Float32Array)), plan: plans.at(-1)! };
  }

  test.each([
    ["all images at once", 2 ** 20],
    ["an image at a time", 6 * 36 * 12],
    ["a row of tiles at a time", 1],
  ])("give what others give: %s", async (_, resident) => {
    const [{ values, plan }, direct] = [
      await run({ ...eager, winograd: { cost: 0, resident } }),
      await run({ columns: 8, panels: true }),
    ];
    expect(namesOf(plan).filter((name) => name.startsWith("filters of"))).toEqual([
      "filters of conv",
      "filters of conv",
      "filters of convGradInput",
      "filters of convGradInput",
    ]);
    // The largest numbers: 3 in x and the filters, 6 in 2·x; 9·4·9 + 3 in y, and what comes back is y.
    const largest = 9 * 4 * 9 + 3;
    const forwards = winogradError(4, 6, 3);
    // Both factors of the sum may be off, before the filters multiply 72 of them.
    const back = 2 * (winogradError(8, largest + 1, 3) + 72 * 3 * forwards);
    const bounds = [forwards, forwards, forwards, back];
    values.forEach((each, root) => {
      each.forEach((value, i) => expect(Math.abs(value - direct.values[root]![i]!)).toBeLessThanOrEqual(bounds[root]!));
    });
  });

  test("say at which offsets groups begin", async () => {
    const { plan } = await run({ ...eager, winograd: { cost: 0, resident: 1 } });
    expect(showPlan(plan)).toMatch(/with b0 = #\d+ \+ \d+, b1 = #\d+/);
  });
});
