import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import {
  defaultDevice,
  matmul,
  realise,
  setDefaultDevice,
  step,
  sum,
  tensor,
  Variable,
  type Device,
  type Tensor,
} from "@steelyard/core";
import { evaluate } from "@steelyard/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { renderKernel, webgpu, type WebGpuDevice, type WebGpuOptions } from "../src/index.ts";
import { openGpu } from "../src/runtime/adapter.ts";
import { openDevice } from "../src/runtime/open-device.ts";
import type { WebGpuStorage } from "../src/runtime/storages.ts";
import { without } from "./adapter.ts";

let before: Device;
let device: WebGpuDevice | null = null;
beforeEach(() => void (before = defaultDevice()));
afterEach(async () => {
  setDefaultDevice(before);
  await device?.close();
  device = null;
});

/** Computes everything of the test on a device of its own. */
function use(opened: WebGpuDevice): WebGpuDevice {
  device = opened;
  setDefaultDevice(opened);
  return opened;
}
const open = async (options: WebGpuOptions = {}): Promise<WebGpuDevice> => use(await webgpu(options));

const ones = (n: number): Tensor => tensor(new Float32Array(n).fill(1));

describe("opening", () => {
  test("says what is missing, and what to do about it", async () => {
    await expect(webgpu({ dawn: ["adapter=none of this name"] })).rejects.toThrow(
      /^webgpu: needs an adapter, got none/u,
    );
    await expect(webgpu({ dawn: ["adapter=none of this name"] })).rejects.toThrow(/hint: .*VK_DRIVER_FILES/u);
  });
});

describe.skipIf(without.device)(`the WebGPU device${without.because}`, () => {
  test("tells what computes, and whether that is a GPU", async () => {
    const { adapter, kind, name } = await open();
    expect(name).toBe("webgpu");
    expect(adapter).not.toBe("");
    if (/swiftshader|llvmpipe/iu.test(adapter)) expect(kind).toBe("software");
  });

  test("tells what it makes of subnormal numbers in sums and products", async () => {
    const { subnormals } = await open();
    const tiny = tensor([2 ** -149, -(2 ** -130), 2 ** -126]);
    const products = [...(await tiny.mul(2 ** 100).data())];
    const flushes = subnormals === "flushed";
    expect(products).toEqual(flushes ? [0, -0, 2 ** -26] : [2 ** -49, -(2 ** -30), 2 ** -26]);
    expect(await tiny.add(tiny).data()).toEqual(
      Float32Array.from(flushes ? [0, -0, 2 ** -125] : [2 ** -148, -(2 ** -129), 2 ** -125]),
    );
    // What does not round keeps them everywhere.
    expect(await tiny.neg().data()).toEqual(Float32Array.of(-(2 ** -149), 2 ** -130, -(2 ** -126)));
  });

  test("lets its process end, closed or not", async () => {
    const module = JSON.stringify(new URL("../src/index.ts", import.meta.url).href);
    const script = `import { webgpu } from ${module}; globalThis.device = await webgpu(); console.log("open")`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      timeout: 20_000,
    });
    expect(stdout).toBe("open\n");
  });

  test("shares a GPU device that others have opened, or takes their adapter", async () => {
    const { device: gpu } = await openGpu({});
    await open({ device: gpu });
    expect(await ones(10).mul(3).sum().item()).toBe(30);
    await device!.close();
    expect((await gpu.lost).reason).toBe("destroyed");
  });

  test("submits a thousand kernels of one plan at once", async () => {
    const { device: gpu } = await openGpu({});
    let kernels = 0;
    await open({ device: gpu, observe: ({ commands }) => (kernels = commands.length) });
    let submits = 0;
    const submit = gpu.queue.submit.bind(gpu.queue);
    gpu.queue.submit = (buffers) => {
      submits++;
      return submit(buffers);
    };
    // Each product is a kernel of its own: no two of them are fused.
    const a = tensor([[1, 1], [0, 1]]); // prettier-ignore
    let product = a;
    for (let i = 0; i < 1000; i++) product = matmul(product, a);
    await realise(product);
    expect(kernels).toBeGreaterThanOrEqual(1000);
    expect(submits).toBe(1);
    expect(await product.array()).toEqual([[1, 1001], [0, 1]]); // prettier-ignore
    expect(submits).toBe(2);
  });

  test("compiles a shader once, however many kernels and plans have it", async () => {
    await open();
    const x = ones(8);
    await realise(x.add(1));
    const first = device!.pipelines();
    expect(first).toBe(1);
    // Another plan: the number is another slot.
    await realise(x.add(2), x.mul(1).add(3));
    expect(device!.pipelines()).toBeGreaterThan(first);
    const second = device!.pipelines();
    await realise(ones(8).add(4));
    expect(device!.pipelines()).toBe(second);
  });

  test("tells every kernel and the time it took", async () => {
    const told: { name: string; milliseconds: number }[] = [];
    await open({ profile: ({ name }, milliseconds) => told.push({ name, milliseconds }) });
    const [a, b] = [ones(64).reshape([8, 8]), ones(64).reshape([8, 8])];
    expect(await sum(matmul(a, b)).item()).toBe(8 ** 3);
    expect(told).toHaveLength(2);
    for (const { milliseconds } of told) expect(milliseconds).toBeGreaterThan(0);
    expect(told.map(({ name }) => name).join()).toMatch(/dot.*,.*sum/u);
  });

  test("computes nothing any more once it is closed", async () => {
    await open();
    const x = ones(3);
    await realise(x);
    await device!.close();
    await expect(x.add(1).data()).rejects.toThrow("webgpu: needs a device that is open, got one that was closed");
    await expect(device!.recover()).rejects.toThrow("one that was closed");
    expect([...device!.storages()]).toEqual([]);
  });
});

describe.skipIf(without.device)(`what goes wrong${without.because}`, () => {
  test("a shader that the device does not compile is an error in the kernel's name, with the line", async () => {
    use(await openDevice({}, (kernel, options) => {
      const shader = renderKernel(kernel, options);
      return kernel.name === "sin" ? { ...shader, text: shader.text.replace("fn main", "fn 3main") } : shader;
    })); // prettier-ignore
    await expect(ones(3).sin().data()).rejects.toMatchObject({ code: "DeviceError", details: { who: "sin" } });
    await expect(ones(3).sin().data()).rejects.toThrow("fn 3main");
    expect(await ones(3).add(1).data()).toEqual(new Float32Array([2, 2, 2]));
  });

  test("commands that the device rejects are an error of their run; nothing is lost", async () => {
    const mine = await open();
    // A storage that lies about its size: it is smaller than what the kernel is to see.
    const right = mine.upload(new Float32Array(4096).fill(2), [4096], "f32", "right") as WebGpuStorage;
    const small = mine.upload(new Float32Array(8), [8], "f32", "small") as WebGpuStorage;
    const forged: Device = {
      ...mine,
      compile(program) {
        const executable = mine.compile(program);
        return {
          run(bindings, donated) {
            Object.assign(right, { piece: small.piece });
            return executable.run(bindings.map((each) => (typeof each === "object" ? right : each)), donated); // prettier-ignore
          },
        };
      },
    };
    const { piece } = right;
    await expect(evaluate(forged, [ones(4096).mul(3).sin()])).rejects.toMatchObject({ code: "DeviceError" });
    Object.assign(right, { piece });
    expect([...mine.storages()].filter(({ owner }) => owner === "result")).toEqual([]);
    expect(await mine.read(right)).toEqual(new Float32Array(4096).fill(2));
    expect(await ones(4096).mul(3).sum().item()).toBe(3 * 4096);
  });

  test("what does not fit is an error that says what it needed; all values stay, and what fits still runs", async () => {
    await open({ limit: 8 * 2 ** 20 });
    const w = new Variable(ones(300_000), { name: "w" });
    expect(await w.value.sum().item()).toBe(300_000);
    w.assign(w.value.add(1));
    const large = Array.from({ length: 8 }, (_, i) => w.value.mul(i));
    await expect(step(...large)).rejects.toThrow(/needs 2 MiB of device memory for results, got a limit of 8 MiB/u);
    expect(await w.value.sum().item()).toBe(300_000);
    w.assign(w.value.add(1));
    await step();
    expect(await w.value.sum().item()).toBe(600_000);
    await expect(ones(4_000_000).add(1).data()).rejects.toMatchObject({ code: "DeviceError" });
    w.dispose();
  });

  test("what no buffer of the device can hold is an error", async () => {
    const { device: gpu } = await openGpu({});
    await open({ device: gpu });
    const elements = Math.floor(gpu.limits.maxBufferSize / 4) + 4;
    await expect(ones(1).broadcastTo([elements]).add(ones(1)).data()).rejects.toMatchObject({ code: "DeviceError" });
    expect(await ones(3).sum().item()).toBe(3);
  });
});
