import { shapeError, valueError } from "../errors.ts";
import { moveWalk, type Walk } from "../interpreter/strided.ts";
import { slice } from "../ops/views.ts";
import { apply } from "../tensor.ts";
import type { Primitive } from "../primitive.ts";
import { showShape, stridesOf, type Shape } from "../shape.ts";

// An adjoint pair: slice reads every step-th scalar from a start on, pad writes scalars there and leaves zeros
// elsewhere.

export type SliceAttrs = {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
  readonly steps: readonly number[];
};

/** Zeros before, after and between the scalars of each axis. */
export type PadAttrs = {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly interior: readonly number[];
};

/** y[i, …] = x[starts + i · steps, …]. */
export const slicePrimitive: Primitive<SliceAttrs> = {
  name: "slice",
  infer([x], { starts, sizes, steps }) {
    checkNatural("slice", "starts", starts, x!.shape, 0);
    checkNatural("slice", "sizes", sizes, x!.shape, 0);
    checkNatural("slice", "steps", steps, x!.shape, 1);
    const over = x!.shape.findIndex((size, i) => starts[i]! + extent(sizes[i]!, steps[i]!) > size);
    if (over >= 0) {
      const got = `start ${starts[over]}, size ${sizes[over]}, step ${steps[over]} on axis ${over}`;
      throw shapeError("slice", `a part of ${showShape(x!.shape)}`, got);
    }
    return { shape: sizes, dtype: x!.dtype };
  },
  forward({ ins: [x], out, inSpecs, outSpec: { shape }, attrs: { starts, steps } }) {
    const from = placement(inSpecs[0]!.shape, starts, steps);
    moveWalk(shape, out, { start: 0, steps: stridesOf(shape) }, x!, from);
  },
  // ⟨dy, S·δx⟩ touches only the scalars that were read, so Sᵀ·dy is dy put back there and zero elsewhere
  //   ⇒  dx = pad(dy), with steps − 1 zeros between
  vjp(dy, { ins: [x], attrs: { starts, sizes, steps } }) {
    const high = x!.shape.map((size, i) => size - starts[i]! - extent(sizes[i]!, steps[i]!));
    return [apply(padPrimitive, [dy], { low: starts, high, interior: steps.map((step) => step - 1) })];
  },
  linearIn: [0],
  samples: [
    { ins: [{ shape: [5] }], attrs: { starts: [1], sizes: [3], steps: [1] } },
    { ins: [{ shape: [7, 4] }], attrs: { starts: [1, 0], sizes: [3, 2], steps: [2, 3] } },
    { ins: [{ shape: [3, 2] }], attrs: { starts: [3, 0], sizes: [0, 2], steps: [1, 1] } },
  ],
};

/** y[low + i · (interior + 1), …] = x[i, …], zero elsewhere. */
export const padPrimitive: Primitive<PadAttrs> = {
  name: "pad",
  infer([x], { low, high, interior }) {
    checkNatural("pad", "amounts before", low, x!.shape, 0);
    checkNatural("pad", "amounts after", high, x!.shape, 0);
    checkNatural("pad", "amounts between", interior, x!.shape, 0);
    const shape = x!.shape.map((size, i) => low[i]! + extent(size, interior[i]! + 1) + high[i]!);
    return { shape, dtype: x!.dtype };
  },
  forward({ ins: [x], out, inSpecs, outSpec, attrs: { low, interior } }) {
    const { shape } = inSpecs[0]!;
    moveWalk(shape, out, placement(outSpec.shape, low, stepsOf(interior)), x!, { start: 0, steps: stridesOf(shape) });
  },
  // ⟨dy, P·δx⟩ touches only the places written to: the zeros hold nothing of x
  //   ⇒  dx = dy read at those places
  vjp: (dy, { ins: [x], attrs: { low, interior } }) => [slice(dy, low, x!.shape, stepsOf(interior))],
  linearIn: [0],
  samples: [
    { ins: [{ shape: [3] }], attrs: { low: [1], high: [2], interior: [0] } },
    { ins: [{ shape: [2, 3] }], attrs: { low: [0, 1], high: [1, 0], interior: [2, 1] } },
    { ins: [{ shape: [0, 2] }], attrs: { low: [2, 0], high: [1, 0], interior: [1, 0] } },
  ],
};

/** With n zeros between them, scalars stand n + 1 apart. */
function stepsOf(interior: readonly number[]): number[] {
  return interior.map((zeros) => zeros + 1);
}

/** How far `size` scalars reach when they stand `step` apart. */
function extent(size: number, step: number): number {
  return size === 0 ? 0 : (size - 1) * step + 1;
}

function placement(shape: Shape, starts: readonly number[], steps: readonly number[]): Walk {
  const strides = stridesOf(shape);
  const start = starts.reduce((offset, at, axis) => offset + at * strides[axis]!, 0);
  return { start, steps: strides.map((stride, axis) => stride * steps[axis]!) };
}

function checkNatural(who: string, what: string, values: readonly number[], shape: Shape, least: number): void {
  if (values.length === shape.length && values.every((v) => Number.isInteger(v) && v >= least)) return;
  const needs = `${what} that are whole and at least ${least}, one for each axis of ${showShape(shape)}`;
  throw valueError(who, needs, showShape(values));
}
