import { operandsOf } from "../works/operands.ts";
import type { KernelsWork, Work } from "../works/work.ts";
import { joined, unable, type Implementation, type Prepared } from "./implementation.ts";
import { adapterName, openGpu, plainDevice } from "./navigator-gpu.ts";

// What others are compared with: WebGPU used by hand, with nothing around it.

type CopyWork = Extract<Work, { kind: "copy" }>;

/** Copies of GPU memory, and dispatches whose bind groups were made before. */
export function bareWebgpu(): Implementation {
  let device: GPUDevice | null = null;
  return {
    impl: "bare",
    device: "webgpu",
    threads: 1,
    available: openGpu,
    adapter: adapterName,
    async prepare(work) {
      device ??= await plainDevice();
      if (work.kind === "copy") return copies(device, work);
      if (work.kind === "kernels") return dispatches(device, work);
      throw unable("arithmetic");
    },
  };
}

function copies(device: GPUDevice, work: CopyWork): Prepared {
  const { data } = operandsOf(work)[0]!;
  const [from, to] = [bufferOf(device, data), bufferOf(device, data)];
  return preparedOf(device, [from, to], [to], (encoder) => encoder.copyBufferToBuffer(from, 0, to, 0, data.byteLength));
}

const perWorkgroup = 64;
const text = `
@group(0) @binding(0) var<storage, read> before: array<f32>;
@group(0) @binding(1) var<storage, read_write> after: array<f32>;

@compute @workgroup_size(${perWorkgroup})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&after)) {
    after[id.x] = before[id.x] + 1.0;
  }
}
`;

/** Each array from one buffer to another, and back in the next step: all in one pass. */
function dispatches(device: GPUDevice, work: KernelsWork): Prepared {
  const { data } = operandsOf(work)[0]!;
  const arrays = Array.from({ length: work.kernels }, () => [bufferOf(device, data), bufferOf(device, data)] as const);
  const module = device.createShaderModule({ code: text });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
  const layout = pipeline.getBindGroupLayout(0);
  const groupOf = (before: GPUBuffer, after: GPUBuffer): GPUBindGroup =>
    device.createBindGroup({
      layout,
      entries: [before, after].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
  const there = arrays.map(([one, other]) => groupOf(one, other));
  const back = arrays.map(([one, other]) => groupOf(other, one));
  const others = arrays.map(([, other]) => other);
  let steps = 0;
  return preparedOf(device, arrays.flat(), others, (encoder) => {
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    for (const group of steps++ % 2 === 0 ? there : back) {
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(Math.ceil(work.size / perWorkgroup));
    }
    pass.end();
  });
}

/** `results` are what the first run leaves behind. */
function preparedOf(
  device: GPUDevice,
  buffers: readonly GPUBuffer[],
  results: readonly GPUBuffer[],
  encode: (encoder: GPUCommandEncoder) => void,
): Prepared {
  const run = async (): Promise<void> => {
    const encoder = device.createCommandEncoder();
    encode(encoder);
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  };
  return {
    run,
    async result() {
      await run();
      return joined(await Promise.all(results.map((buffer) => valuesOf(device, buffer))));
    },
    close: () => buffers.forEach((buffer) => buffer.destroy()),
  };
}

function bufferOf(device: GPUDevice, data: Float32Array<ArrayBuffer>): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: data.byteLength, usage });
  device.queue.writeBuffer(buffer, 0, data);
  return buffer;
}

async function valuesOf(device: GPUDevice, buffer: GPUBuffer): Promise<Float32Array> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.createBuffer({ size: buffer.size, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}
