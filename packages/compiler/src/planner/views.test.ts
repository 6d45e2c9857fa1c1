import { flip, interpreter, tensor, type Tensor } from "@steelyard/core";
import { evaluate } from "@steelyard/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { programOf } from "../../test/program-of.ts";
import { points } from "../testing/simulate.ts";
import { rowMajor, type View } from "../view.ts";
import { graphOf } from "./graph.ts";
import { isDense, viewOf } from "./views.ts";

/** Numbers that say where they lie. */
const places = (...shape: number[]): Tensor => {
  const length = shape.reduce((n, size) => n * size, 1);
  return tensor(
    Float32Array.from({ length }, (_, i) => i),
    { shape },
  );
};

/** What is read at each point of a view of a buffer that holds 0, 1, 2, … */
const readBy = ({ shape, start, steps }: View): number[] =>
  points(shape).map((point) => point.reduce((at, index, axis) => at + index * steps[axis]!, start));

/** The view that a value is of the one input behind it; null when it is none. */
async function viewIn(root: Tensor): Promise<View | null> {
  const { outputs } = graphOf(await programOf([root]));
  const found = viewOf(outputs[0]!, (value) => (value.kind === "input" ? rowMajor(value.instruction.shape) : null));
  return found?.view ?? null;
}

type Step = (x: Tensor, choose: () => number) => Tensor;
// Each keeps to what a view can be: no axes are merged.
const steps: readonly Step[] = [
  (x) => x.transpose(),
  (x, choose) => (x.rank === 0 ? x : flip(x, choose() % x.rank)),
  (x, choose) => (x.rank > 3 ? x : x.expandDims(choose() % (x.rank + 1))),
  (x, choose) => (x.rank > 3 ? x : x.broadcastTo([1 + (choose() % 2), ...x.shape])),
  (x, choose) => {
    const starts = x.shape.map((size) => choose() % size);
    const strides = x.shape.map(() => 1 + (choose() % 2));
    const sizes = x.shape.map((size, axis) => Math.ceil((size - starts[axis]!) / strides[axis]!));
    return x.slice(starts, sizes, strides);
  },
  (x) => x.reshape(x.shape.flatMap((size) => (size % 2 === 0 && x.rank <= 3 ? [2, size / 2] : [size]))),
];

describe("a view of what is stored", () => {
  test("reads at constant steps what the operations say, whatever they are", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat(100)),
        async (chain, numbers) => {
          const choose = (): number => numbers.next().value as number;
          const root = chain.reduce((x, step) => step(x, choose), places(4, 3, 2));
          const [expected] = await evaluate(interpreter(), [root]);
          const view = await viewIn(root);
          expect(view?.shape).toEqual(root.shape);
          expect(readBy(view!)).toEqual([...expected!]);
        },
      ),
      fuzz(60),
    );
  });

  test("counts on in memory behind a reshape that merges axes, if its elements lie in order", async () => {
    expect(await viewIn(places(4, 3).reshape([12]).slice([2], [7]))).toEqual({ shape: [7], start: 2, steps: [1] });
    expect(await viewIn(places(4, 3).transpose().reshape([12]))).toBeNull();
  });

  test("ends at what is computed", async () => {
    expect(await viewIn(places(4, 3).neg().transpose())).toBeNull();
  });
});

test("elements lie in order if steps are those of their shape; those of axes of size 1 do not count", () => {
  expect(isDense(rowMajor([2, 3, 4]))).toBe(true);
  expect(isDense({ shape: [2, 1, 3], start: 0, steps: [3, 99, 1] })).toBe(true);
  expect(isDense({ shape: [2, 3], start: 1, steps: [3, 1] })).toBe(false);
  expect(isDense({ shape: [2, 3], start: 0, steps: [1, 2] })).toBe(false);
});
