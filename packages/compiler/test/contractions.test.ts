import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sizeOf, type Attrs, type Shape, type Spec } from "@steelyard/core";
import { lowerContraction, operandPadding } from "../src/contraction/lower.ts";
import type { Expr } from "../src/ir.ts";
import type { Epilogue, Lowerable, Lowered } from "../src/lowered.ts";
import type { Target } from "../src/target.ts";
import { fuzz } from "./fuzz.ts";
import {
  interpreted,
  layouts,
  place,
  plain,
  primitiveOf,
  run,
  stretched,
  valuesOf,
  whole,
  type Layout,
} from "./placed.ts";
import { convCase, type ConvCase } from "./window-cases.ts";

// Sums of small whole numbers do not round, so every comparison is bit for bit.

interface Call {
  readonly name: string;
  readonly ins: readonly Shape[];
  readonly attrs: Attrs;
}

const convCall = ({ x, w, attrs }: ConvCase): Call => ({ name: "conv", ins: [x, w], attrs });
const gradInputCall = ({ x, w, y, attrs }: ConvCase): Call => ({
  name: "convGradInput",
  ins: [y, w],
  attrs: { ...attrs, inputSpatial: x.slice(1, -1) },
});
const gradFilterCall = ({ x, w, y, attrs }: ConvCase): Call => ({
  name: "convGradFilter",
  ins: [x, y],
  attrs: { ...attrs, kernel: w.slice(0, -2) },
});
const dotCall = (batch: number, m: number, k: number, n: number): Call => ({
  name: "dot",
  ins: [
    [batch, m, k],
    [batch, k, n],
  ],
  attrs: {},
});

const targets: fc.Arbitrary<Target> = fc.record({ columns: fc.constantFrom(4, 8, 16), panels: fc.boolean() });
const panels8: Target = { columns: 8, panels: true };

const instructionOf = ({ name, attrs }: Call): Lowerable => ({
  primitive: primitiveOf(name),
  attrs,
  dtype: "f32",
  inputs: [0, 1],
});

interface Setting {
  readonly layouts: readonly [Layout, Layout, Layout];
  readonly target: Target;
  readonly seed: number;
}

const settings: fc.Arbitrary<Setting> = fc.record({
  layouts: fc.oneof(fc.constant([plain, plain, plain] as const), fc.tuple(layouts, layouts, layouts)) as fc.Arbitrary<
    [Layout, Layout, Layout]
  >,
  target: targets,
  seed: fc.nat(),
});
const simple: Setting = { layouts: [plain, plain, plain], target: panels8, seed: 1 };

/** Lowers and runs the call, and compares with the interpreter. */
function check(call: Call, { layouts: [first, second, third], target, seed }: Setting): Lowered {
  const specs = call.ins.map((shape): Spec => ({ shape, dtype: "f32" }));
  const values = call.ins.map((shape, i) => whole(sizeOf(shape), seed + i, 4));
  const padding = operandPadding(instructionOf(call), specs);
  const ins = call.ins.map((shape, i) => place(shape, values[i]!, [first, second][i]!, padding[i]!));
  const { shape } = primitiveOf(call.name).infer(specs, call.attrs);
  const out = place(shape, new Array<number>(sizeOf(shape)).fill(NaN), third);
  const views = ins.map(({ view }) => view);
  const lowered = lowerContraction(instructionOf(call), views, out.view, null, target);
  run(
    lowered,
    ins.map(({ data }) => data),
    out,
  );
  expect(valuesOf(out)).toEqual(interpreted(call.name, specs, values, call.attrs));
  return lowered;
}

const kindsOf = ({ steps }: Lowered): string[] =>
  steps.map(({ kernel }) => (kernel.kind === "loop" ? `loop ${kernel.name}` : kernel.schedule.b));

describe("contractions lowered to kernels give what the interpreter gives", () => {
  test("conv, whatever its geometry and wherever its operands lie", () => {
    fc.assert(
      fc.property(convCase, settings, (one, setting) => void check(convCall(one), setting)),
      fuzz(150),
    );
  });

  test("convGradInput, by residues of the stride", () => {
    fc.assert(
      fc.property(convCase, settings, (one, setting) => void check(gradInputCall(one), setting)),
      fuzz(150),
    );
  });

  test("convGradFilter", () => {
    fc.assert(
      fc.property(convCase, settings, (one, setting) => void check(gradFilterCall(one), setting)),
      fuzz(150),
    );
  });

  test("dot, of transposed operands too", () => {
    const size = fc.oneof(fc.nat(3), fc.nat(20));
    fc.assert(
      fc.property(fc.nat(3), size, size, size, settings, (batch, m, k, n, setting) => {
        check(dotCall(batch, m, k, n), setting);
      }),
      fuzz(200),
    );
  });
});
