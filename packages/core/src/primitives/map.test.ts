import { describe, expect, test } from "vitest";
import { complaint, values } from "../../test/whole.ts";
import {
  abs,
  add,
  and,
  div,
  equal,
  gradients,
  less,
  maximum,
  minimum,
  mod,
  mul,
  neg,
  not,
  notEqual,
  pow,
  relu,
  shiftLeft,
  shiftRight,
  square,
  sum,
  tensor,
  xor,
  type DType,
  type Tensor,
} from "../index.ts";
import { binary } from "./binary-table.ts";
import type { MapPrimitive } from "./map.ts";
import type { Domain } from "./scalar-table.ts";
import { unary } from "./unary-table.ts";

const maps: MapPrimitive[] = [...Object.values(unary), ...Object.values(binary)];
const ints = (list: number[], dtype: DType = "i32"): Tensor => tensor(list, { dtype });

/** All first derivatives of Σ f, then all of their sum: order by order. */
function derivatives(f: (...xs: Tensor[]) => Tensor, xs: Tensor[], orders: number): number[][] {
  const firsts: number[][] = [];
  let y = sum(f(...xs));
  for (let order = 0; order < orders; order++) {
    const slopes = gradients(y, xs);
    firsts.push(slopes.flatMap((slope) => values(slope)));
    y = slopes.map((slope) => sum(slope)).reduce((a, b) => add(a, b));
  }
  return firsts;
}

// A central difference with h = 1e-4 is off by h²·f‴/6 (f‴ < 4,000 on these domains) and by 1e-16/h.
const h = 1e-4;

function near(found: number, expected: number): void {
  expect(Math.abs(found - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
}

/** Nine numbers inside an interval, none of them a kink. */
function grid([low, high]: Domain): number[] {
  return Array.from({ length: 9 }, (_, i) => low + ((i + 0.37) / 9) * (high - low));
}

describe("a row of the table", () => {
  for (const { name, row } of maps.filter((map) => map.row.vjp !== undefined)) {
    test(`${name} states slopes and curves that are those of its values`, () => {
      if (row.arity === 1) {
        for (const x of grid(row.domain)) {
          near(row.slope!(x), (row.at(x + h) - row.at(x - h)) / (2 * h));
          near(row.curve!(x), (row.slope!(x + h) - row.slope!(x - h)) / (2 * h));
        }
        return;
      }
      const [first, second] = row.domains;
      for (const a of grid(first)) {
        // Shifted, so that a = b, a kink of maximum and minimum, does not occur.
        for (const b of grid(second).map((v) => v + 0.01)) {
          const [fa, fb] = row.slopes!(a, b);
          const [faa, fab, fbb] = row.curves!(a, b);
          near(fa, (row.at(a + h, b) - row.at(a - h, b)) / (2 * h));
          near(fb, (row.at(a, b + h) - row.at(a, b - h)) / (2 * h));
          near(faa, (row.slopes!(a + h, b)[0] - row.slopes!(a - h, b)[0]) / (2 * h));
          near(fab, (row.slopes!(a, b + h)[0] - row.slopes!(a, b - h)[0]) / (2 * h));
          near(fbb, (row.slopes!(a, b + h)[1] - row.slopes!(a, b - h)[1]) / (2 * h));
        }
      }
    });
  }

  test("without a rule is piecewise constant: no slope either", () => {
    for (const { row } of maps.filter((map) => map.row.vjp === undefined)) {
      expect(row).not.toHaveProperty(row.arity === 1 ? "slope" : "slopes");
    }
  });
});

describe("at a kink", () => {
  test("relu and abs have derivative 0", () => {
    expect(derivatives(relu, [tensor([-1, 0, 1])], 2)).toEqual([
      [0, 0, 1],
      [0, 0, 0],
    ]);
    expect(derivatives(abs, [tensor([-1, 0, 1])], 2)).toEqual([
      [-1, 0, 1],
      [0, 0, 0],
    ]);
  });

  test("a tie of maximum or minimum gives each side half", () => {
    expect(derivatives(maximum, [tensor([1, 2, 3]), tensor([2, 2, 2])], 1)).toEqual([[0, 0.5, 1, 1, 0.5, 0]]);
    expect(derivatives(minimum, [tensor([1, 2, 3]), tensor([2, 2, 2])], 1)).toEqual([[1, 0.5, 0, 0, 0.5, 1]]);
  });

  test("pow has finite derivatives at base 0 and at exponent 0, also of the second order", () => {
    const base = tensor([0, 0, 0, 2]);
    const exponent = tensor([0, 1, 2, 0]);
    expect(values(pow(base, exponent))).toEqual([1, 0, 0, 1]);
    const [first, second] = derivatives(pow, [base, exponent], 2);
    expect(first).toEqual([0, 1, 0, 0, 0, 0, 0, Math.fround(Math.LN2)]);
    expect(second!.every(Number.isFinite)).toBe(true);
    expect(second![2]).toBe(2);
  });

  test("a NaN is passed on, not dropped", () => {
    const x = tensor([NaN]);
    expect([relu(x), maximum(x, 0), minimum(0, x), abs(x)].map((y) => values(y)[0])).toEqual([NaN, NaN, NaN, NaN]);
    expect(values(relu(tensor([-Infinity, Infinity])))).toEqual([0, Infinity]);
  });
});

describe("integers", () => {
  test("wrap modulo 2^32, products included", () => {
    expect(values(add(ints([0x7fffffff]), 1))).toEqual([-0x80000000]);
    expect(values(neg(ints([-0x80000000])))).toEqual([-0x80000000]);
    expect(values(mul(ints([0x12345679]), 0x7654321))).toEqual([Math.imul(0x12345679, 0x7654321)]);
    expect(values(mul(ints([0xffffffff], "u32"), 0xfffffffe))).toEqual([2]);
    expect(values(square(ints([65537], "u32")))).toEqual([0x20001]);
  });

  test("divide towards zero, and by zero to 0", () => {
    expect(values(div(ints([7, -7, 7, -7, 5]), ints([2, 2, -2, -2, 0])))).toEqual([3, -3, -3, 3, 0]);
    expect(values(div(ints([0xffffffff], "u32"), 2))).toEqual([0x7fffffff]);
  });

  test("leave a remainder with the sign of the divisor, as in Python", () => {
    expect(values(mod(ints([7, -7, 7, -7, 5]), ints([3, 3, -3, -3, 0])))).toEqual([1, 2, -2, -1, 0]);
    expect(values(mod(tensor([5.5, -5.5, -6]), 2))).toEqual([1.5, 0.5, 0]);
  });

  test("have bits: a u32 shifts in zeros, an i32 its sign", () => {
    expect(values(shiftRight(ints([-8]), 1))).toEqual([-4]);
    expect(values(shiftRight(ints([0xfffffff8], "u32"), 1))).toEqual([0x7ffffffc]);
    expect(values(shiftLeft(ints([3], "u32"), 31))).toEqual([0x80000000]);
    expect(values(shiftLeft(ints([3]), 33))).toEqual([6]);
    expect(values(xor(ints([0xff00ff00], "u32"), 0xffffffff))).toEqual([0x00ff00ff]);
    expect(values(not(ints([0], "u32")))).toEqual([0xffffffff]);
  });

  test("carry no gradient", () => {
    expect(binary.add.vjp(ints([1]), { ins: [ints([1]), ints([2])], out: ints([3]), attrs: {} })).toEqual([null, null]);
  });
});

describe("comparisons and logic", () => {
  test("give bools, false for NaN unless the question is notEqual", () => {
    const x = tensor([1, NaN, 3]);
    expect(less(x, 2).dtype).toBe("bool");
    expect(values(less(x, 2))).toEqual([1, 0, 0]);
    expect(values(equal(x, x))).toEqual([1, 0, 1]);
    expect(values(notEqual(x, x))).toEqual([0, 1, 0]);
    expect(values(not(and(less(x, 2), equal(x, 1))))).toEqual([0, 1, 1]);
  });
});

describe("operands that do not fit", () => {
  test("are explained", () => {
    expect(complaint(() => add(tensor([1]), ints([1])))).toMatchInlineSnapshot(`
      "DTypeError: add: needs operands of one dtype, got f32 and i32
        hint: nothing is converted silently; use cast(x, dtype)"
    `);
    expect(complaint(() => pow(ints([1]), 2))).toMatchInlineSnapshot(`
      "DTypeError: pow: needs a float dtype (f32, f64, f16), got i32
        hint: nothing is converted silently; use cast(x, dtype)"
    `);
    expect(complaint(() => and(tensor([1]), tensor([1])))).toMatchInlineSnapshot(`
      "DTypeError: and: needs a bool or integer dtype (bool, i32, u32), got f32
        hint: nothing is converted silently; use cast(x, dtype)"
    `);
    expect(complaint(() => mul(tensor([1, 2]), tensor([1, 2, 3])))).toMatchInlineSnapshot(`
      "ShapeError: mul: needs shapes that broadcast together, got [2] and [3]
        hint: sizes must be equal or 1, counted from the right"
    `);
    expect(complaint(() => neg(equal(tensor([1]), 1)))).toMatchInlineSnapshot(`
      "DTypeError: neg: needs a float or integer dtype, got bool
        hint: nothing is converted silently; use cast(x, dtype)"
    `);
  });
});
