import type { Plan } from "@steelyard/compiler";
import { argSort, cumsum, iota, scatterAdd, sort, tensor, zeros, type DType, type Shape, type Tensor } from "@steelyard/core"; // prettier-ignore
import { requireAgreement } from "@steelyard/core/testing";
import { afterAll, describe, expect, test } from "vitest";
import { cpu } from "../src/index.ts";

// Orders of sizes that the laws of devices do not have: long lines, many rows.

let plan: Plan | null = null;
const device = cpu({ threads: 2, observe: (made) => (plan = made) });
afterAll(() => device.close());

/** Whole numbers from −`most` to `most`, all over the place. */
function numbers(shape: Shape, dtype: DType, most: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const low = dtype === "u32" ? 0 : -most;
  const values = Array.from(
    { length: count },
    (_, i) => low + ((Math.imul(i + 1, 2654435761) >>> 8) % (most - low + 1)),
  );
  return tensor(values, { shape, dtype });
}

async function agrees(...roots: readonly Tensor[]): Promise<void> {
  await requireAgreement(device, roots);
  expect(plan!.commands.map(({ kind }) => kind)).not.toContain("host");
}

const dtypes = ["f32", "f16", "i32", "u32"] as const;

describe("kernels of orders give what the interpreter gives", () => {
  test.each(dtypes)("long lines of %s are sorted, along any axis", async (dtype) => {
    await agrees(argSort(numbers([1500], dtype, 400)));
    await agrees(argSort(numbers([20, 300], dtype, 50), 1, { descending: true }));
    await agrees(argSort(numbers([300, 20], dtype, 50), 0));
    await agrees(argSort(numbers([3, 129, 5], dtype, 9), 1));
    await agrees(sort(numbers([40, 30], dtype, 9), 0, { descending: true }));
  });

  test.each(dtypes)("long lines of %s are summed up, from either end", async (dtype) => {
    await agrees(cumsum(numbers([5000], dtype, 3)));
    await agrees(cumsum(numbers([7, 530], dtype, 2), 1, { reverse: true, exclusive: true }));
    await agrees(cumsum(numbers([530, 7], dtype, 2), 0, { exclusive: true }));
    await agrees(cumsum(numbers([3, 70, 5], dtype, 2), 1, { reverse: true }));
  });

  test("running sums of fractions stay within the running error", async () => {
    await agrees(cumsum(iota([20_000], 0, "f32").sin()));
  });

  test.each(dtypes)("many updates in %s are added to few rows, and few to many", async (dtype) => {
    const add = (rows: number, columns: Shape, updates: number): Tensor => {
      const indices = numbers([updates], "i32", rows);
      return scatterAdd(zeros([rows, ...columns], dtype), indices, numbers([updates, ...columns], dtype, 3));
    };
    await agrees(add(10, [], 3000));
    await agrees(add(5, [7], 300));
    await agrees(add(300, [40], 90));
    await agrees(add(100, [64], 64));
  });
});
