import { expect, test } from "vitest";
import { gelu, softmax, tensor, zeros } from "./index.ts";

/** The last line of the message: where the operation was created. */
function siteOf(build: () => unknown): string | undefined {
  try {
    build();
  } catch (error) {
    return (error as Error).message.split("\n").at(-1);
  }
  return undefined;
}

test("errors name the line of the caller, however deep in our own calls they arise", () => {
  const x = zeros([2, 3]);
  const here = /^ {2}created at packages\/core\/src\/errors\.test\.ts:\d+$/;
  expect(siteOf(() => x.add(zeros([4])))).toMatch(here);
  expect(siteOf(() => zeros([2, 2, 3]).maxPool({ window: 5 }))).toMatch(here);
  expect(siteOf(() => zeros([1, 4, 4, 2]).convTranspose(zeros([3, 3, 4, 2]), { stride: 0 }))).toMatch(here);
  expect(siteOf(() => gelu(tensor([1], { dtype: "i32" })))).toMatch(here);
  expect(siteOf(() => softmax(zeros([2, 0])))).toMatch(here);
});
