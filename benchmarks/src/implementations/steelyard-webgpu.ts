import { webgpu, type WebGpuDevice, type WebGpuOptions } from "@steelyard/webgpu";
import { reasonOf, type Implementation } from "./implementation.ts";
import { adapterName, openGpu } from "./navigator-gpu.ts";
import { steelyard } from "./steelyard.ts";

/** Steelyard on WebGPU, by the adapter that peers of the same process compute with. */
export function steelyardWebgpu(device: string, options: WebGpuOptions = {}): Implementation {
  let opened: Promise<WebGpuDevice> | null = null;
  const open = (): Promise<WebGpuDevice> => (opened ??= webgpu(options));
  const onDevice = steelyard(device, 1, open);
  return {
    ...onDevice,
    async available() {
      return (await openGpu()) ?? (await open().then(() => null, reasonOf));
    },
    adapter: adapterName,
    async prepare(work) {
      const prepared = await onDevice.prepare(work);
      // A training step reads its loss.
      if (work.kind === "net") return prepared;
      const gpu = await open();
      // Results are promised before they are computed. What is asked of the GPU is done in order: they are there when a
      // number that was there all along can be read.
      const mark = gpu.upload(new Float32Array(1), [1], "f32", "mark of the benchmark");
      return {
        ...prepared,
        async run() {
          await prepared.run();
          await gpu.read(mark);
        },
        async close() {
          await prepared.close();
          gpu.free(mark);
        },
      };
    },
  };
}
