import { expect, test } from "vitest";
import { complaint } from "../../test/whole.ts";
import { dualAlgebra, f64Algebra, hostSolve, interpret, square, tensor, Variable } from "../index.ts";

test("seeds fill the planes of a constant after its values; where they say nothing there are zeros", () => {
  const [x, w] = [tensor([3]), tensor([5])];
  const [y] = interpret(dualAlgebra, [square(x).mul(w)], new Map([[x, [[1]]]]));
  expect(y!.planes.map((plane) => [...plane])).toEqual([[45], [30]]);
});

test("what is not host data is refused, and named", () => {
  const w = new Variable([1, 2], { name: "w" });
  expect(complaint(() => interpret(f64Algebra, [square(w)]))).toMatchInlineSnapshot(`
    "ValueError: interpret: needs graphs over host data alone, got w f32[2]
      hint: read it first, and start from a tensor of its data"
  `);
  const [solved] = hostSolve([tensor([1])], [[1]], (x) => [[x[0]!]]);
  expect(complaint(() => interpret(f64Algebra, [solved!]))).toMatchInlineSnapshot(`
    "ValueError: interpret: needs graphs over host data alone, got hostSolve f32[1]
      hint: read it first, and start from a tensor of its data"
  `);
});
