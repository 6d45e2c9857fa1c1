import { gradients, matmul, sum, tensor, type Tensor } from "@steelyard/core";
import { describe, expect, test } from "vitest";
import { namesOf, planned } from "../../test/planned.ts";

const data = (...shape: number[]): Tensor =>
  tensor(new Float32Array(shape.reduce((n, size) => n * size, 1)), { shape });

/** `step` taken so often. */
function repeated(count: number, from: Tensor, step: (x: Tensor, i: number) => Tensor): Tensor {
  let x = from;
  for (let i = 0; i < count; i++) x = step(x, i);
  return x;
}

// Work that grows with the square of the graph takes a minute here, and with its depth on the stack none at all.
describe("a large graph is planned in time:", () => {
  test.each<[string, () => readonly Tensor[], number]>([
    ["a chain of 10,000 maps", () => [repeated(10_000, data(64), (x, i) => (i % 3 === 0 ? x.exp() : x.mul(i)))], 52],
    ["of 10,000 views", () => [repeated(10_000, data(4, 4), (x) => x.transpose()).add(1)], 1],
    ["10,000 readers of one value", () => Array.from({ length: 10_000 }, (_, i) => data(4).mul(i)), 10_000],
  ])("%s", async (_, roots, kernels) => {
    const start = performance.now();
    expect((await planned(roots())).commands).toHaveLength(kernels);
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  test("a deep network and its gradient", async () => {
    const layers = Array.from({ length: 500 }, () => data(8, 8));
    const y = layers.reduce((x, w) => matmul(x, w).relu().add(1).exp(), data(8, 8));
    const start = performance.now();
    const plan = await planned(gradients(sum(y), layers));
    expect(plan.commands.length).toBeLessThan(6 * layers.length + 10);
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});

/** The kernels that are no part of a product. */
async function copies(...roots: Tensor[]): Promise<string[]> {
  const names = namesOf(await planned(roots));
  return names.filter((name) => !name.startsWith("pack") && !name.startsWith("dot"));
}

describe("an output that is a stored value under another shape", () => {
  test("is that value's own memory", async () => {
    expect(await copies(matmul(data(3, 8), data(8, 8)))).toEqual([]);
    expect(await copies(matmul(data(3, 8), data(8, 8)).reshape([2, 12]).expandDims(1))).toEqual([]);
  });

  test("is a copy where the memory belongs to an input or to another output, or elements move", async () => {
    const x = data(3, 8);
    expect(await copies(x.reshape([24]))).toHaveLength(1);
    const product = matmul(data(3, 8), data(8, 8));
    expect(await copies(product.reshape([24]), product.reshape([4, 6]))).toHaveLength(1);
    expect(await copies(matmul(data(3, 8), data(8, 8)).transpose())).toHaveLength(1);
    expect(await copies(matmul(data(3, 8), data(8, 8)).reshape([24]).slice([0], [12]))).toHaveLength(1);
  });
});
