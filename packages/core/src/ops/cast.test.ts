import { describe, expect, test } from "vitest";
import { values } from "../../test/whole.ts";
import { cast, gradients, mul, sum, tensor } from "../index.ts";

describe("cast", () => {
  test("to an integer truncates towards zero, saturates, and turns NaN into 0", () => {
    const x = tensor([2.9, -2.9, 3e9, -3e9, 5e9, NaN, -Infinity], { dtype: "f64" });
    expect(values(cast(x, "i32"))).toEqual([2, -2, 0x7fffffff, -0x80000000, 0x7fffffff, 0, -0x80000000]);
    expect(values(cast(x, "u32"))).toEqual([2, 0, 3e9, 0, 0xffffffff, 0, 0]);
  });

  test("between integers keeps the 32 bits", () => {
    expect(values(cast(tensor([-1], { dtype: "i32" }), "u32"))).toEqual([0xffffffff]);
    expect(values(cast(tensor([0x80000000], { dtype: "u32" }), "i32"))).toEqual([-0x80000000]);
  });

  test("to bool asks whether a number is not 0, and back gives 0 and 1", () => {
    const truth = cast(tensor([0, 0.25, -2, NaN]), "bool");
    expect(values(truth)).toEqual([0, 1, 1, 1]);
    expect(values(cast(truth, "f32"))).toEqual([0, 1, 1, 1]);
  });

  test("to f16 rounds to half precision", () => {
    expect(values(cast(tensor([1 + 2 ** -12, 70000]), "f16"))).toEqual([1, Infinity]);
  });

  test("to the dtype it has is the tensor itself", () => {
    const x = tensor([1]);
    expect(cast(x, "f32")).toBe(x);
  });

  test("casts the cotangent back, and lets nothing through integers", () => {
    const x = tensor([1, 2]);
    const [dx] = gradients(sum(mul(cast(x, "f64"), 3)), [x]);
    expect(dx!.dtype).toBe("f32");
    expect(values(dx!)).toEqual([3, 3]);
    expect(values(gradients(sum(cast(cast(x, "i32"), "f32")), [x])[0]!)).toEqual([0, 0]);
  });
});
