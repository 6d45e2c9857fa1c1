import fc from "fast-check";
import type { ConvAttrs } from "../src/primitives/conv-geometry.ts";
import { poolGeometry, requireTouching, type PoolAttrs } from "../src/primitives/pool-geometry.ts";
import { sizeOf, type Shape } from "../src/shape.ts";

export interface PoolCase {
  readonly x: Shape;
  readonly y: Shape;
  readonly attrs: PoolAttrs;
  readonly inputSpatial: Shape;
  readonly seed: number;
}

export interface ConvCase {
  readonly x: Shape;
  readonly w: Shape;
  readonly y: Shape;
  readonly attrs: ConvAttrs;
  readonly seed: number;
  /** Largest absolute value for which no sum of triple products reaches 2²⁴. */
  readonly bound: number;
}

interface AxisCase {
  readonly input: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly low: number;
  readonly high: number;
}

const reachOf = ({ taps, dilation }: AxisCase): number => (taps - 1) * dilation + 1;

function axisCase(largest: number): fc.Arbitrary<AxisCase> {
  return (
    fc
      .record({
        input: fc.integer({ min: 1, max: largest }),
        taps: fc.integer({ min: 1, max: 4 }),
        stride: fc.integer({ min: 1, max: 3 }),
        dilation: fc.integer({ min: 1, max: 3 }),
        low: fc.integer({ min: 0, max: 3 }),
        high: fc.integer({ min: 0, max: 3 }),
      })
      // A kernel larger than the padded input is refused: pad until it fits.
      .map((axis) => ({ ...axis, high: Math.max(axis.high, reachOf(axis) - axis.input - axis.low) }))
  );
}

const axesCase = fc.oneof(
  fc.tuple(axisCase(13)),
  fc.tuple(axisCase(7), axisCase(7)),
  fc.tuple(axisCase(3), axisCase(3), axisCase(4)),
) as fc.Arbitrary<AxisCase[]>;

const outputOf = (axis: AxisCase): number =>
  Math.floor((axis.low + axis.input + axis.high - reachOf(axis)) / axis.stride) + 1;

/** Everything a convolution can be: one to three axes, uneven padding, strides, dilations, groups, empty batches. */
export const convCase: fc.Arbitrary<ConvCase> = fc
  .record({
    axes: axesCase,
    n: fc.integer({ min: 0, max: 3 }),
    groups: fc.integer({ min: 1, max: 3 }),
    c: fc.integer({ min: 1, max: 5 }),
    o: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(),
  })
  .map(({ axes, n, groups, c, o, seed }) => {
    const [x, w] = [
      [n, ...axes.map((axis) => axis.input), groups * c],
      [...axes.map((axis) => axis.taps), c, groups * o],
    ];
    const y = [n, ...axes.map(outputOf), groups * o];
    const terms = Math.max(1, sizeOf(y) * sizeOf(w.slice(0, -1)));
    const attrs = {
      stride: axes.map((axis) => axis.stride),
      padding: axes.map((axis): [number, number] => [axis.low, axis.high]),
      dilation: axes.map((axis) => axis.dilation),
      groups,
    };
    return { x, w, y, attrs, seed, bound: Math.min(9, Math.floor(Math.cbrt((2 ** 24 - 1) / terms))) };
  })
  .filter(({ bound }) => bound >= 1);

/** Windows over one to three axes, some of them in the padding altogether. */
export const poolCase: fc.Arbitrary<PoolCase> = fc
  .record({ axes: axesCase, n: fc.integer({ min: 1, max: 2 }), c: fc.integer({ min: 1, max: 4 }), seed: fc.nat() })
  .map(({ axes: dilated, n, c, seed }) => {
    const axes = dilated.map((axis) => ({ ...axis, dilation: 1 }));
    const inputSpatial = axes.map((axis) => axis.input);
    const attrs = {
      window: axes.map((axis) => axis.taps),
      stride: axes.map((axis) => axis.stride),
      padding: axes.map((axis): [number, number] => [axis.low, axis.high]),
    };
    return { x: [n, ...inputSpatial, c], y: [n, ...axes.map(outputOf), c], attrs, inputSpatial, seed };
  });
/** Only those whose every window holds an element. */
export const touchingPoolCase: fc.Arbitrary<PoolCase> = poolCase.filter(({ x, attrs }) => {
  try {
    requireTouching("test", poolGeometry("test", x, attrs));
    return true;
  } catch {
    return false;
  }
});
