import { expect } from "vitest";
import fc from "fast-check";
import { sizeOf, type Attrs, type DType, type Shape, type Spec } from "@steelyard/core";
import { lowerContraction, operandPadding } from "../src/contraction/lower.ts";
import type { Expr } from "../src/ir.ts";
import type { Epilogue, Lowerable, Lowered } from "../src/lowered.ts";
import type { Target } from "../src/target.ts";
import {
  interpreted,
  layouts,
  place,
  plain,
  primitiveOf,
  run,
  valuesOf,
  whole,
  type Layout,
  type Placed,
} from "./placed.ts";
import type { ConvCase } from "./window-cases.ts";

// Calls of the contractions, lowered, run and compared with the interpreter. Sums of small whole numbers do not round, so
// every comparison is bit for bit.

export interface Call {
  readonly name: string;
  readonly ins: readonly Shape[];
  readonly attrs: Attrs;
}

export const convCall = ({ x, w, attrs }: ConvCase): Call => ({ name: "conv", ins: [x, w], attrs });
export const gradInputCall = ({ x, w, y, attrs }: ConvCase): Call => ({
  name: "convGradInput",
  ins: [y, w],
  attrs: { ...attrs, inputSpatial: x.slice(1, -1) },
});
export const gradFilterCall = ({ x, w, y, attrs }: ConvCase): Call => ({
  name: "convGradFilter",
  ins: [x, y],
  attrs: { ...attrs, kernel: w.slice(0, -2) },
});
export const dotCall = (batch: number, m: number, k: number, n: number): Call => ({
  name: "dot",
  ins: [
    [batch, m, k],
    [batch, k, n],
  ],
  attrs: {},
});

const targets: fc.Arbitrary<Target> = fc.record({ columns: fc.constantFrom(4, 8, 16), panels: fc.boolean() });
const panels8: Target = { columns: 8, panels: true };

const instructionOf = ({ name, attrs }: Call, dtype: DType): Lowerable => ({
  primitive: primitiveOf(name),
  attrs,
  dtype,
  inputs: [0, 1],
});

export interface Setting {
  readonly layouts: readonly [Layout, Layout, Layout];
  readonly target: Target;
  readonly seed: number;
  /** f32 where it is left out. */
  readonly dtype?: DType;
  /** Largest of the whole numbers. */
  readonly bound?: number;
  /** How far results may be from those of the interpreter; not at all where it is left out. */
  readonly error?: number;
}

export const settings: fc.Arbitrary<Setting> = fc.record({
  layouts: fc.oneof(fc.constant([plain, plain, plain] as const), fc.tuple(layouts, layouts, layouts)),
  target: targets,
  seed: fc.nat(),
});
export const simple: Setting = { layouts: [plain, plain, plain], target: panels8, seed: 1 };

/** Lowers and runs the call, and compares with the interpreter. */
export function check(
  call: Call,
  { layouts: [first, second, third], target, seed, dtype = "f32", bound = 4, error = 0 }: Setting,
  after: ((shape: Shape) => Fused) | null = null,
): Lowered {
  const specs = call.ins.map((shape): Spec => ({ shape, dtype }));
  const values = call.ins.map((shape, i) => whole(sizeOf(shape), seed + i, bound));
  const padding = operandPadding(instructionOf(call, dtype), specs, target);
  const ins = call.ins.map((shape, i) => place(shape, values[i]!, i === 0 ? first : second, padding[i]));
  const { shape } = primitiveOf(call.name).infer(specs, call.attrs);
  const out = place(shape, new Array<number>(sizeOf(shape)).fill(NaN), third);
  const views = ins.map(({ view }) => view);
  const fused = after?.(shape) ?? null;
  const lowered = lowerContraction(instructionOf(call, dtype), views, out.view, fused?.epilogue ?? null, target);
  const data = ins.map((placed) => placed.data);
  run(
    lowered,
    data,
    out,
    fused?.companions.map((placed) => placed.data),
    fused?.numbers,
  );
  const plainly = interpreted(call.name, specs, values, call.attrs);
  requireWithin(error, valuesOf(out), fused === null ? plainly : fused.expected(plainly));
  return lowered;
}

function requireWithin(error: number, values: readonly number[], expected: readonly number[]): void {
  if (error === 0) return expect(values).toEqual(expected);
  values.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(error));
}

/** An epilogue with what it reads and what it should give. */
interface Fused {
  readonly epilogue: Epilogue;
  readonly companions: readonly Placed[];
  readonly numbers: readonly number[];
  readonly expected: (sums: readonly number[]) => number[];
}

const call = (name: string, ...args: Expr[]): Expr => ({ kind: "call", dtype: "f32", name, args });

/** max((sum + bias) · scale, floor): two companions, each broadcast along some axes and laid out somehow, and a number. */
export function residual(
  still: readonly (readonly boolean[])[],
  [first, second]: readonly [Layout, Layout],
  seed: number,
): (shape: Shape) => Fused {
  return (shape: Shape): Fused => {
    const companions = still.map((axes, i) => {
      const kept = shape.map((size, axis) => (axes[axis] === true ? 1 : size));
      const { view, data } = place(kept, whole(sizeOf(kept), seed + i, 9), i === 0 ? first : second);
      const steps = view.steps.map((step, axis) => (axes[axis] === true ? 0 : step));
      return { view: { ...view, shape, steps }, data };
    });
    const [bias, floor] = companions.map(valuesOf) as [number[], number[]];
    return {
      companions,
      numbers: [3],
      expected: (sums) => sums.map((sum, i) => Math.max((sum + bias[i]!) * 3, floor[i]!) + 0),
      epilogue: {
        companions: companions.map(({ view }) => ({ view, dtype: "f32" })),
        numbers: ["f32"],
        expr(places, from, space) {
          for (const { coefficients } of places) expect(coefficients.length).toBe(space.length);
          const load = (i: number): Expr => ({ kind: "load", dtype: "f32", buffer: from + i, at: places[i]! });
          const sum: Expr = { kind: "accumulator", dtype: "f32", position: 0 };
          const scale: Expr = { kind: "number", dtype: "f32", position: 0 };
          return call("maximum", call("mul", call("add", sum, load(0)), scale), load(1));
        },
      },
    };
  };
}
