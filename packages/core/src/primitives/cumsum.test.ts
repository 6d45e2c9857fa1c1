import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import {
  complaint,
  element,
  expectAdjoint,
  inner,
  seeds,
  shapesWithAxis,
  table,
  values,
  whole,
} from "../../test/whole.ts";
import { cumsum, ones } from "../index.ts";

const cases = fc.record({ at: shapesWithAxis, exclusive: fc.boolean(), reverse: fc.boolean(), seed: seeds });

test("a running sum adds everything before, or after when reversed, with or without the element itself", () => {
  fc.assert(
    fc.property(cases, ({ at: [shape, axis], exclusive, reverse, seed }) => {
      const x = whole(shape, seed);
      const list = values(x);
      const expected = table(shape, (index) => {
        let total = 0;
        for (let j = 0; j < shape[axis]!; j++) {
          const distance = (reverse ? -1 : 1) * (index[axis]! - j);
          if (distance > 0 || (distance === 0 && !exclusive)) total += element(list, shape, index.with(axis, j));
        }
        return total;
      });
      expect(values(cumsum(x, axis, { exclusive, reverse }))).toEqual(expected);
    }),
    fuzz(100),
  );
});

test("running sums from both ends are adjoint, bit for bit", () => {
  fc.assert(
    fc.property(cases, ({ at: [shape, axis], exclusive, reverse, seed }) => {
      const [x, y] = [whole(shape, seed), whole(shape, seed + 1)];
      const forth = cumsum(x, axis, { exclusive, reverse });
      const back = cumsum(y, axis, { exclusive, reverse: !reverse });
      expect(inner(y, forth)).toBe(inner(back, x));
      expectAdjoint((v) => cumsum(v, axis, { exclusive, reverse }), x, seed);
    }),
    fuzz(50),
  );
});

test("a bool is cast before it is summed", () => {
  expect(complaint(() => cumsum(ones([2], "bool")))).toMatchInlineSnapshot(`
    "DTypeError: cumsum: needs numbers, got bool
      hint: cast first: cast(x, "i32")"
  `);
});
