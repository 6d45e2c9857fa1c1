import { conv, full, gradients, matmul, relu, setDefaultDevice, tensor, type Tensor } from "@steelyard/core";
import { drawing, drawInput, requireSameBits } from "@steelyard/core/testing";
import { webgpu, type WebGpuDevice } from "../src/index.ts";

// What `browser.test.ts` does in a page.

let device: WebGpuDevice;

export async function open(): Promise<{ readonly adapter: string; readonly kind: string }> {
  device = await webgpu();
  const { adapter, kind } = device;
  return { adapter, kind };
}

/** A matrix product, and a convolution with its gradients, on whole numbers; throws where a bit is another. */
export async function requireExactProducts(): Promise<void> {
  const draw = drawing(7);
  const whole = (...shape: number[]): Tensor => drawInput({ shape }, draw, { wholeUpTo: 4 });
  await requireSameBits(device, [matmul(whole(17, 21), whole(21, 35))]);
  const [x, f] = [whole(2, 9, 8, 5), whole(3, 3, 5, 7)];
  const y = relu(conv(x, f, { padding: "same" }));
  await requireSameBits(device, [y, ...gradients(y.mul(whole(...y.shape)).sum(), [x, f])]);
}

/** What a call comes to that is made when the GPU is lost, and one that is made when it was found again. */
export async function loseAndRecover(): Promise<readonly [lost: string, found: string]> {
  setDefaultDevice(device);
  device.destroy();
  const lost = await sum();
  await device.recover();
  return [lost, await sum()];
}

/** How many contractions are tuned by a device, and by the next one, which finds the table of the first. */
export async function tuneTwice(): Promise<readonly [first: number, second: number]> {
  const tuned: number[] = [];
  for (const _ of [1, 2]) {
    let count = 0;
    const tuning = await webgpu({ tune: { least: 1, progress: () => void count++ } });
    await requireSameBits(tuning, [matmul(tensor([[1, 2, 3, 4]]), full([4, 8], 3))]);
    tuned.push(count);
    await tuning.close();
  }
  return [tuned[0]!, tuned[1]!];
}

function sum(): Promise<string> {
  return tensor([1, 2, 3]).sum().item().then(String, String);
}

export async function close(): Promise<void> {
  await device.close();
}
