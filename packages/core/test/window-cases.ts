import fc from "fast-check";
import { convCaseOf, fitted, poolCaseOf, touches } from "../src/testing/window-cases.ts";
import type { AxisCase, ConvCase, PoolCase } from "../src/testing/window-cases.ts";

/** A case and the seed of its numbers. */
type Seeded<Case> = Case & { readonly seed: number };
export type SeededConvCase = Seeded<ConvCase>;
export type SeededPoolCase = Seeded<PoolCase>;

function axisCase(largest: number): fc.Arbitrary<AxisCase> {
  return fc
    .record({
      input: fc.integer({ min: 1, max: largest }),
      taps: fc.integer({ min: 1, max: 4 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 3 }),
      low: fc.integer({ min: 0, max: 3 }),
      high: fc.integer({ min: 0, max: 3 }),
    })
    .map(fitted);
}

const axesCase = fc.oneof(
  fc.tuple(axisCase(13)),
  fc.tuple(axisCase(7), axisCase(7)),
  fc.tuple(axisCase(3), axisCase(3), axisCase(4)),
) as fc.Arbitrary<AxisCase[]>;

/** Everything a convolution can be: one to three axes, uneven padding, strides, dilations, groups, empty batches. */
export const convCase: fc.Arbitrary<SeededConvCase> = fc
  .record({
    axes: axesCase,
    n: fc.integer({ min: 0, max: 3 }),
    groups: fc.integer({ min: 1, max: 3 }),
    c: fc.integer({ min: 1, max: 5 }),
    o: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(),
  })
  .map(({ axes, seed, ...sizes }) => ({ ...convCaseOf(axes, sizes), seed }))
  .filter(({ bound }) => bound >= 1);

/** Windows over one to three axes, some of them in the padding altogether. */
export const poolCase: fc.Arbitrary<SeededPoolCase> = fc
  .record({ axes: axesCase, n: fc.integer({ min: 1, max: 2 }), c: fc.integer({ min: 1, max: 4 }), seed: fc.nat() })
  .map(({ axes, n, c, seed }) => ({ ...poolCaseOf(axes, n, c), seed }));

/** Only those whose every window holds an element. */
export const touchingPoolCase: fc.Arbitrary<SeededPoolCase> = poolCase.filter(touches);
