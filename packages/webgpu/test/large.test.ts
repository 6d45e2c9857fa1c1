import {
  concat,
  conv,
  defaultDevice,
  gather,
  gradients,
  iota,
  matmul,
  realise,
  setDefaultDevice,
  sum,
  tensor,
  zeros,
  type Device,
  type HostArray,
} from "@steelyard/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { renderKernel, type RenderOptions, type WebGpuDevice, type WebGpuOptions } from "../src/index.ts";
import { openDevice } from "../src/runtime/open-device.ts";
import type { Shader } from "../src/shader.ts";
import { without } from "./adapter.ts";

// Sizes where indices no longer fit an f32, bindings end before buffers do, and workgroups fill more than one row; and sizes
// of nothing at all. All numbers are whole and small, so whatever comes out is exact.

let before: Device;
let device: WebGpuDevice | null = null;
/** The shaders of the device of the test. */
let shaders: Shader[] = [];
beforeEach(() => {
  before = defaultDevice();
  shaders = [];
});
afterEach(async () => {
  setDefaultDevice(before);
  await device?.close();
  device = null;
});

/** Computes the test on a device of its own, whose shaders are written under other options. */
async function open(
  options: WebGpuOptions = {},
  changed: (options: RenderOptions) => RenderOptions = (same) => same,
): Promise<void> {
  device = await openDevice(options, (kernel, given) => {
    const shader = renderKernel(kernel, changed(given));
    shaders.push(shader);
    return shader;
  });
  setDefaultDevice(device);
}

/** Where values differ from what they should be; a comparison by `toEqual` of millions takes minutes. */
function firstDifference(values: HostArray, wanted: (index: number) => number): string | null {
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== wanted(i)) return `element ${i} is ${values[i]} instead of ${wanted(i)}`;
  }
  return null;
}

/** 17 million: above 2²⁴ an f32 no longer tells odd numbers from even ones. */
const many = 17_000_003;

describe.skipIf(without.device)(`tensors of 17 million elements${without.because}`, () => {
  test("have every element mapped", async () => {
    await open();
    const x = iota([many], 0);
    const y = await x.mul(3).sub(1).data();
    expect(y).toHaveLength(many);
    expect(firstDifference(y, (i) => 3 * i - 1)).toBeNull();
  });

  test("are summed up, all together and along either axis", async () => {
    await open();
    // Ones are so few that no sum of them rounds.
    const isOne = (i: number): boolean => i % 17 === 0 || i === many - 1;
    const x = tensor(Float32Array.from({ length: many }, (_, i) => Number(isOne(i))));
    const rows = x.slice([0], [17_000_000]).reshape([4250, 4000]);
    const [all, along, down] = [sum(x), sum(rows, 1), sum(rows, 0)];
    await realise(all, along, down);
    expect(await all.item()).toBe(1_000_002);
    expect(firstDifference(await along.data(), (i) => Math.ceil((4000 * i + 4000) / 17) - Math.ceil((4000 * i) / 17))).toBeNull(); // prettier-ignore
    // 17 divides 4250, and 17 and 4000 have no common divisor: every column meets each remainder equally often.
    expect(firstDifference(await down.data(), () => 250)).toBeNull();
  });

  test("are gathered from, and gathered", async () => {
    await open();
    const x = iota([many], 0);
    const places = [0, 1, 2 ** 24 - 1, 2 ** 24, 2 ** 24 + 1, 2 ** 24 + 3, many - 2, many - 1];
    expect([...(await gather(x, tensor(places, { dtype: "i32" }), 0).data())]).toEqual(places);
    const few = tensor([5, 7, 11]);
    const indices = tensor(
      Int32Array.from({ length: many }, (_, i) => i % 3),
      { dtype: "i32" },
    );
    expect(firstDifference(await gather(few, indices, 0).data(), (i) => [5, 7, 11][i % 3]!)).toBeNull();
  });
});

/** Dawn ends with its objects, in use or not: somebody holds them. */
const held: unknown[] = [];

/** A device with the limits that everyone has, whatever the adapter could do. */
async function withCommonLimits(): Promise<GPUDevice> {
  const { create } = await import("webgpu");
  const gpu = create([]);
  const adapter = (await gpu.requestAdapter())!;
  const common = await adapter.requestDevice();
  held.push(gpu, adapter, common);
  return common;
}

describe.skipIf(without.device)(`a tensor that no binding can hold${without.because}`, () => {
  test("is computed all the same", async () => {
    const common = await withCommonLimits();
    const most = common.limits.maxStorageBufferBindingSize / 4;
    await open({ device: common });
    const size = most + 1001;
    expect(4 * size).toBeLessThanOrEqual(common.limits.maxBufferSize);
    const x = tensor(Float32Array.from({ length: size }, (_, i) => i % 2));
    const [y, ones] = [x.mul(2).add(1), sum(x.slice([size - 10_000_000], [10_000_000]))];
    await realise(y, ones);
    expect(firstDifference(await y.data(), (i) => 2 * (i % 2) + 1)).toBeNull();
    expect(await ones.item()).toBe(5_000_000);
    held.length = 0;
  });
});

/** Each invocation is a workgroup of its own. */
const alone =
  (rows: number) =>
  (options: RenderOptions): RenderOptions => ({
    ...options,
    adapter: "gpu",
    limits: { ...options.limits, invocations: 1, workgroups: Math.min(rows, options.limits.workgroups) },
  });

describe.skipIf(without.device)(`workgroups that are too many for a row${without.because}`, () => {
  test("are folded into a second dimension: 2²⁴ + 1 of them", async () => {
    const size = 2 ** 24 + 1;
    await open({}, alone(65_535));
    const y = await iota([size], 0, "i32").add(1).data();
    const [x, rows, planes] = shaders[0]!.workgroups;
    expect(x * rows * planes).toBeGreaterThanOrEqual(size);
    expect(rows).toBeGreaterThan(1);
    expect(firstDifference(y, (i) => i + 1)).toBeNull();
  });

  test("and into a third", async () => {
    await open({}, alone(60));
    const size = 2 * 60 ** 2 + 7;
    const y = await iota([size], 0, "i32").add(1).data();
    const [x, rows, planes] = shaders[0]!.workgroups;
    expect(planes).toBeGreaterThan(1);
    expect(Math.max(x, rows, planes)).toBeLessThanOrEqual(60);
    expect(firstDifference(y, (i) => i + 1)).toBeNull();
  });
});

describe.skipIf(without.device)(`dimensions of size zero${without.because}`, () => {
  test("give nothing, or sums of nothing, in one plan with what is not empty", async () => {
    await open();
    const [none, some] = [zeros([3, 0, 2]), tensor([[1, 2], [3, 4]])]; // prettier-ignore
    const roots = {
      mapped: none.add(1),
      summed: sum(none, 1),
      kept: sum(none, 0),
      total: sum(none),
      product: matmul(zeros([4, 0]), zeros([0, 2])),
      rows: matmul(zeros([0, 2]), some),
      joined: concat([some, zeros([0, 2]), some], 0),
      images: conv(zeros([0, 5, 5, 2]), zeros([3, 3, 2, 4])),
      channels: conv(zeros([1, 4, 4, 0]), zeros([3, 3, 0, 2])),
      full: some.mul(2),
    };
    await realise(...Object.values(roots));
    const shapes = Object.fromEntries(Object.entries(roots).map(([name, { shape }]) => [name, shape]));
    expect(shapes).toMatchObject({ mapped: [3, 0, 2], summed: [3, 2], kept: [0, 2], images: [0, 3, 3, 4] });
    const values: Record<string, number[]> = {};
    for (const [name, root] of Object.entries(roots)) values[name] = [...(await root.data())] as number[];
    expect(values).toEqual({
      mapped: [],
      summed: [0, 0, 0, 0, 0, 0],
      kept: [],
      total: [0],
      product: [0, 0, 0, 0, 0, 0, 0, 0],
      rows: [],
      joined: [1, 2, 3, 4, 1, 2, 3, 4],
      images: [],
      channels: [0, 0, 0, 0, 0, 0, 0, 0],
      full: [2, 4, 6, 8],
    });
  });

  test("have gradients of their own shape", async () => {
    await open();
    const [rows, columns] = [zeros([4, 0]), zeros([0, 2])];
    const product = matmul(rows, columns).add(1);
    const [dRows, dColumns] = gradients(sum(product.mul(product)), [rows, columns]);
    expect([dRows!.shape, dColumns!.shape]).toEqual([[4, 0], [0, 2]]); // prettier-ignore
    await realise(dRows!, dColumns!);
    expect([...(await dRows!.data()), ...(await dColumns!.data())]).toEqual([]);
  });
});
