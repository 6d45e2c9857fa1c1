import { expect, test } from "vitest";
import { f32Algebra, type DType } from "../index.ts";
import { poison } from "./execute.ts";

test("poison shows in every dtype: no plane is left at 0 or 1", () => {
  for (const dtype of ["f32", "f64", "f16", "i32", "u32", "bool"] as DType[]) {
    const buffer = f32Algebra.allocate(dtype, 1);
    poison(buffer);
    expect([0, 1]).not.toContain(buffer.planes[0]![0]);
  }
});
