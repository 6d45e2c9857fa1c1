import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultDevice, matmul, setDefaultDevice, tensor, type Device, type Tensor } from "@steelyard/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileStore, webgpu, type TuningOptions, type TuningProgress, type WebGpuDevice } from "../src/index.ts";
import { without } from "./adapter.ts";

let before: Device;
let folder: string;
beforeEach(async () => {
  before = defaultDevice();
  folder = await mkdtemp(join(tmpdir(), "steelyard-tuning-"));
});
afterEach(async () => {
  setDefaultDevice(before);
  await rm(folder, { recursive: true });
});

const [m, k, n] = [20, 24, 12];

function whole(rows: number, columns: number): Tensor {
  return tensor(
    Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (__, j) => ((i * 7 + j * 5) % 9) - 4)),
  );
}

/** Two kinds of contraction. */
const products = (): Tensor => matmul(matmul(whole(8, 16), whole(16, 8)), whole(8, 64)).sum();

/** A product of whole numbers on a device that tunes, or does not. */
async function product(tune: boolean | TuningOptions): Promise<{ values: number[]; device: WebGpuDevice }> {
  const device = await webgpu({ tune });
  setDefaultDevice(device);
  const values = [...(await matmul(whole(m, k), whole(k, n)).data())];
  return { values, device };
}

describe.skipIf(without.device)(`tuning on the WebGPU device${without.because}`, () => {
  test("finds a schedule that gives the same, and a second device finds the table and tunes nothing", async () => {
    const told: TuningProgress[] = [];
    const options: TuningOptions = { store: fileStore(folder), least: 1, progress: (each) => void told.push(each) };
    const plain = await product(false);
    const first = await product(options);
    expect(told).toHaveLength(1);
    const [{ tried, failure, done, of }] = told as [TuningProgress];
    expect({ failure, done, of }).toEqual({ failure: null, done: 1, of: 1 });
    expect(tried.length).toBeGreaterThan(1);
    expect(tried.length).toBeLessThanOrEqual(8);
    // Every schedule is as good as the default, and was timed.
    expect(tried.map(({ finish }) => finish.kind)).toEqual(tried.map(() => "timed"));
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^webgpu-[0-9a-f]{8}\.json$/u)]);

    const second = await product(options);
    expect(told).toHaveLength(1);
    expect(first.values).toEqual(plain.values);
    // Nothing is kept of what was tried.
    expect(first.device.memory().values.inUse).toBe(plain.device.memory().values.inUse);
    expect(second.values).toEqual(plain.values);
    const [byDefault, tuned, remembered] = [plain, first, second].map(({ device }) => device.tuning()[0]);
    expect(byDefault).toMatchObject({ chosen: "default", gain: null });
    expect(tuned).toMatchObject({ chosen: "tuned" });
    expect(remembered).toEqual({ ...tuned, chosen: "remembered" });
    for (const { device } of [plain, first, second]) await device.close();
  });

  test("ends with the device, and goes on with the next", async () => {
    let device: WebGpuDevice | null = null;
    const tune = { store: null, least: 1, progress: () => device!.destroy() };
    device = await webgpu({ tune });
    setDefaultDevice(device);
    await expect(products().item()).rejects.toThrow(/lost: it was destroyed/u);
    tune.progress = () => undefined;
    await device.recover();
    const sum = await products().item();
    await device.close();
    setDefaultDevice(before);
    expect(sum).toBe(await products().item());
  });

  test("is off on software adapters unless it is asked for, and where a schedule is given", async () => {
    const schedule = { kind: "registers", rows: 3, columns: 4, depth: 2, along: "n", lanes: 1 } as const;
    const [plain, given] = [await webgpu(), await webgpu({ schedule, tune: { store: fileStore(folder), least: 1 } })];
    for (const device of [plain, given]) {
      setDefaultDevice(device);
      await matmul(whole(m, k), whole(k, n)).data();
    }
    expect(given.tuning()).toMatchObject([{ chosen: "given", schedule, gain: null }]);
    if (plain.kind === "software") expect(plain.tuning()).toMatchObject([{ chosen: "default", gain: null }]);
    expect(await readdir(folder)).toEqual([]);
    await plain.close();
    await given.close();
  });
});
