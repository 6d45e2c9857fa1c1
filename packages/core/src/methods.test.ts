import { expect, test } from "vitest";
import * as core from "./index.ts";
import * as operations from "./operations.ts";

test("every operation is a free function, and a method where it takes a tensor first", () => {
  const notMethods = Object.keys(operations).filter((name) => !(name in core.Tensor.prototype));
  expect(notMethods.toSorted()).toEqual(["arange", "concat", "einsum", "eye", "iota", "ones", "stack", "zeros"]);
  expect(Object.keys(operations).filter((name) => !(name in core))).toEqual([]);
});

test("a method is the function with the tensor in front", async () => {
  const x = core.tensor([1, 2]);
  const [dX] = core.gradients(x.hook((d) => d.mul(10)).mul(x.stopGradient()).sum(), [x]); // prettier-ignore
  expect(await dX!.array()).toEqual([10, 20]);
});
