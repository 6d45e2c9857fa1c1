import type { Plan } from "@steelyard/compiler";
import { argSort, cumsum, scatterAdd, tensor, zeros, type DType, type Shape, type Tensor } from "@steelyard/core";
import { requireAgreement } from "@steelyard/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { webgpu, type WebGpuDevice } from "../src/index.ts";
import { without } from "./adapter.ts";

// Orders of sizes that the laws of devices do not have: long lines, many rows. Nothing is read back for the host.

/** Whole numbers from −`most` to `most`, all over the place. */
function numbers(shape: Shape, dtype: DType, most: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const low = dtype === "u32" ? 0 : -most;
  const at = (i: number): number => low + ((Math.imul(i + 1, 2654435761) >>> 8) % (most - low + 1));
  return tensor(
    Array.from({ length: count }, (_, i) => at(i)),
    { shape, dtype },
  );
}

function added(rows: number, columns: Shape, updates: number, dtype: DType): Tensor {
  const indices = numbers([updates], "i32", rows);
  return scatterAdd(zeros([rows, ...columns], dtype), indices, numbers([updates, ...columns], dtype, 3));
}

describe.skipIf(without.device)(`kernels of orders on the WebGPU device${without.because}`, () => {
  let device: WebGpuDevice;
  const plans: Plan[] = [];
  beforeAll(async () => {
    device = await webgpu({ observe: (plan) => plans.push(plan) });
  });
  afterAll(() => device.close());

  const agrees = async (...roots: readonly Tensor[]): Promise<void> => {
    await requireAgreement(device, roots);
    expect(plans.at(-1)!.commands.map(({ kind }) => kind)).not.toContain("host");
  };

  test.each(["f32", "i32", "u32"] as const)("lines of %s are sorted by networks", async (dtype) => {
    await agrees(argSort(numbers([300], dtype, 99), 0, { descending: true }));
    await agrees(argSort(numbers([300, 3], dtype, 99), 0));
  });

  test("a NaN is behind all numbers, also in a network", async () => {
    const values = Array.from({ length: 260 }, (_, i) => (i % 7 === 3 ? NaN : i % 11 === 2 ? Infinity : i % 5));
    await agrees(argSort(tensor(values)), argSort(tensor(values), 0, { descending: true }));
  });

  test("long lines are summed up, from either end", async () => {
    await agrees(cumsum(numbers([1000], "f32", 3)));
    await agrees(cumsum(numbers([3, 70, 5], "f16", 2), 1, { reverse: true, exclusive: true }));
  });

  test("updates are added to few rows, and to many", async () => {
    await agrees(added(40, [5], 60, "f32"));
    await agrees(added(50_000, [], 400, "f32"));
    await agrees(added(50_000, [4], 100, "i32"));
  });
});
