import { matmul, setDefaultDevice, tensor } from "@steelyard/core";
import { coordinatedCpu } from "../src/index.ts";
// oxlint-disable-next-line import/default -- the bundler makes it
import worker from "./browser-bundled-worker.ts?worker&url";

// The page of `browser.test.ts` that a bundler has made one file of; it has something to do that a worker cannot.

document.title = "bundled";

/** With a file of its own for the worker: the threads that compute, and a sum that takes them all. */
export async function compute(): Promise<{ readonly threads: number; readonly sum: number }> {
  const device = coordinatedCpu({ winograd: false }, new URL(worker, location.href));
  setDefaultDevice(device);
  const ones = tensor(new Float32Array(65_536).fill(1), { shape: [256, 256] });
  const sum = await matmul(ones, ones).sum().item();
  const { threads } = await device.report();
  await device.close();
  return { threads, sum };
}
