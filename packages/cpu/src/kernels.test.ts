import type { Kernel } from "@steelyard/compiler";
import { afterAll, expect, test } from "vitest";
import { families } from "./contraction/families.ts";
import { matrixProduct } from "./contraction/testing/example-kernels.ts";
import { kernelCache } from "./kernels.ts";
import { deviceMemory } from "./runtime/memory.ts";
import { threadPool } from "./runtime/thread-pool.ts";

const pool = threadPool(deviceMemory({ limit: 2 ** 21 }), { threads: 1 });
afterAll(() => pool.close());

const index = { constant: 0, coefficients: [1] };
const twos = (name: string, space: number): Kernel => ({
  kind: "loop",
  name,
  space: [space],
  reduced: [],
  accumulators: [],
  stores: [{ buffer: 0, at: index, expr: { kind: "constant", dtype: "f32", value: 2 } }],
  buffers: ["f32"],
  numbers: [],
});
const product = matrixProduct(5, 6, 7, { b: "panels", columns: 16 });

test("a kernel is made once, whatever it is called, and whoever asks", () => {
  const kernels = kernelCache(pool);
  const first = kernels.load(twos("one", 8), families.plain);
  expect(kernels.load(twos("another", 8), families.fma)).toBe(first);
  expect(kernels.load(twos("one", 9), families.plain).index).not.toBe(first.index);
  expect(kernels.size).toBe(2);
});

test("a contraction is made once for each register tile", () => {
  const kernels = kernelCache(pool);
  const [plain, fma] = [families.plain, families.fma].map((family) => kernels.load(product, family));
  expect(plain!.index).not.toBe(fma!.index);
  expect(kernels.load(product, families.plain)).toBe(plain);
  expect(kernels.size).toBe(2);
});
