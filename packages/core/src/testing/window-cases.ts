import type { ConvAttrs } from "../primitives/conv-geometry.ts";
import { poolGeometry, requireTouching, type PoolAttrs } from "../primitives/pool-geometry.ts";
import { sizeOf, type Shape } from "../shape.ts";
import type { Choose } from "./choose.ts";

// Everything that a window sliding over an input can be, for properties of convolutions and pools.

/** One spatial axis: so many elements, padded before and behind, under so many taps. */
export interface AxisCase {
  readonly input: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly low: number;
  readonly high: number;
}

/** Shapes of x, w and y and the attributes that lead from one to the other. */
export interface ConvCase {
  readonly x: Shape;
  readonly w: Shape;
  readonly y: Shape;
  readonly attrs: ConvAttrs;
  /** Largest absolute value for which no sum of triple products reaches 2²⁴; below 1 when there is none. */
  readonly bound: number;
}

export interface PoolCase {
  readonly x: Shape;
  readonly y: Shape;
  readonly attrs: PoolAttrs;
  readonly inputSpatial: Shape;
}

/** Sizes beside those of the spatial axes; channels are those of one group. */
export interface ConvSizes {
  readonly n: number;
  readonly groups: number;
  readonly c: number;
  readonly o: number;
}

const reachOf = ({ taps, dilation }: AxisCase): number => (taps - 1) * dilation + 1;

const outputOf = (axis: AxisCase): number =>
  Math.floor((axis.low + axis.input + axis.high - reachOf(axis)) / axis.stride) + 1;

/** A kernel larger than the padded input is refused: pads until it fits. */
export function fitted(axis: AxisCase): AxisCase {
  return { ...axis, high: Math.max(axis.high, reachOf(axis) - axis.input - axis.low) };
}

export function convCaseOf(axes: readonly AxisCase[], { n, groups, c, o }: ConvSizes): ConvCase {
  const x = [n, ...axes.map((axis) => axis.input), groups * c];
  const w = [...axes.map((axis) => axis.taps), c, groups * o];
  const y = [n, ...axes.map(outputOf), groups * o];
  const terms = Math.max(1, sizeOf(y) * sizeOf(w.slice(0, -1)));
  const attrs = {
    stride: axes.map((axis) => axis.stride),
    padding: axes.map((axis): [number, number] => [axis.low, axis.high]),
    dilation: axes.map((axis) => axis.dilation),
    groups,
  };
  return { x, w, y, attrs, bound: Math.min(9, Math.floor(Math.cbrt((2 ** 24 - 1) / terms))) };
}

export function poolCaseOf(dilated: readonly AxisCase[], n: number, c: number): PoolCase {
  const axes = dilated.map((axis) => ({ ...axis, dilation: 1 }));
  const inputSpatial = axes.map((axis) => axis.input);
  const attrs = {
    window: axes.map((axis) => axis.taps),
    stride: axes.map((axis) => axis.stride),
    padding: axes.map((axis): [number, number] => [axis.low, axis.high]),
  };
  return { x: [n, ...inputSpatial, c], y: [n, ...axes.map(outputOf), c], attrs, inputSpatial };
}

/** Whether every window holds an element that is not padding. */
export function touches({ x, attrs }: PoolCase): boolean {
  try {
    requireTouching("test", poolGeometry("test", x, attrs));
    return true;
  } catch {
    return false;
  }
}

/** One to three axes, each of at most so many elements. */
const largest = [[13], [7, 7], [3, 3, 4]] as const;

function chooseAxes({ among, below }: Choose): AxisCase[] {
  return among<readonly number[]>(largest).map((most) =>
    fitted({
      input: 1 + below(most),
      taps: 1 + below(4),
      stride: 1 + below(3),
      dilation: 1 + below(3),
      low: below(4),
      high: below(4),
    }),
  );
}

/** Uneven padding, strides, dilations, groups, empty batches. */
export function chooseConvCase(choose: Choose): ConvCase {
  const { below } = choose;
  for (;;) {
    const axes = chooseAxes(choose);
    const one = convCaseOf(axes, { n: below(4), groups: 1 + below(3), c: 1 + below(5), o: 1 + below(5) });
    if (one.bound >= 1) return one;
  }
}

/** Every window holds an element. */
export function choosePoolCase(choose: Choose): PoolCase {
  for (;;) {
    const one = poolCaseOf(chooseAxes(choose), 1 + choose.below(2), 1 + choose.below(4));
    if (touches(one)) return one;
  }
}
