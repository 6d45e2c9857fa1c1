import fc from "fast-check";
import { sizeOf, type Shape } from "@steelyard/core";

/** A convolution: shapes of x, filters and y, and the attributes of all three primitives. */
export interface ConvCase {
  readonly x: Shape;
  readonly w: Shape;
  readonly y: Shape;
  readonly attrs: {
    readonly stride: readonly number[];
    readonly padding: readonly (readonly [number, number])[];
    readonly dilation: readonly number[];
    readonly groups: number;
  };
}

/** A pooling: shapes of x and y and the attributes. */
export interface PoolCase {
  readonly x: Shape;
  readonly y: Shape;
  readonly attrs: {
    readonly window: readonly number[];
    readonly stride: readonly number[];
    readonly padding: readonly (readonly [number, number])[];
  };
}

interface Axis {
  readonly input: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly low: number;
  readonly high: number;
}

const reachOf = ({ taps, dilation }: Axis): number => (taps - 1) * dilation + 1;
const outputOf = (axis: Axis): number =>
  Math.floor((axis.low + axis.input + axis.high - reachOf(axis)) / axis.stride) + 1;

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

function axisCase(largest: number): fc.Arbitrary<Axis> {
  return (
    fc
      .record({
        input: size(largest),
        taps: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, { weight: 3, arbitrary: size(4) }),
        stride: fc.oneof({ weight: 1, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: size(4) }),
        dilation: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: size(3) }),
        low: fc.nat(3),
        high: fc.nat(3),
      })
      // A kernel larger than the padded input is refused: pad until it fits.
      .map((axis) => ({ ...axis, high: Math.max(axis.high, reachOf(axis) - axis.input - axis.low) }))
  );
}

const axesCase: fc.Arbitrary<readonly Axis[]> = fc.oneof(
  fc.constant([]),
  fc.tuple(axisCase(13)),
  fc.tuple(axisCase(7), axisCase(7)),
  fc.tuple(axisCase(3), axisCase(3), axisCase(4)),
);

const channels: fc.Arbitrary<number> = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(8, 11, 20));

/** Everything a convolution can be: up to three axes, uneven padding, strides, dilations, groups, empty batches. */
export const convCase: fc.Arbitrary<ConvCase> = fc
  .record({
    axes: axesCase,
    n: fc.integer({ min: 0, max: 3 }),
    groups: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 4 })),
    c: channels,
    o: channels,
  })
  .map(({ axes, n, groups, c, o }) => ({
    x: [n, ...axes.map((axis) => axis.input), groups * c],
    w: [...axes.map((axis) => axis.taps), c, groups * o],
    y: [n, ...axes.map(outputOf), groups * o],
    attrs: {
      stride: axes.map((axis) => axis.stride),
      padding: axes.map((axis): [number, number] => [axis.low, axis.high]),
      dilation: axes.map((axis) => axis.dilation),
      groups,
    },
  }))
  .filter(({ y, w }) => sizeOf(y) * sizeOf(w.slice(0, -1)) < 60_000);

/** Windows over up to three axes, some of them in the padding altogether. */
export const poolCase: fc.Arbitrary<PoolCase> = fc
  .record({ axes: axesCase, n: fc.integer({ min: 1, max: 2 }), c: fc.integer({ min: 1, max: 4 }) })
  .map(({ axes: dilated, n, c }) => {
    const axes = dilated.map((axis) => ({ ...axis, dilation: 1 }));
    return {
      x: [n, ...axes.map((axis) => axis.input), c],
      y: [n, ...axes.map(outputOf), c],
      attrs: {
        window: axes.map((axis) => axis.taps),
        stride: axes.map((axis) => axis.stride),
        padding: axes.map((axis): [number, number] => [axis.low, axis.high]),
      },
    };
  });
