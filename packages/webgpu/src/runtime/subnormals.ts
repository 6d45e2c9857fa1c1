import { mapForReading, usage } from "./flags.ts";

/** What becomes of numbers below 2⁻¹²⁶ in sums and products: WGSL lets an adapter take them for zeros. */
export type Subnormals = "kept" | "flushed";

// Each sum or product has something subnormal in it: a factor, the result, or everything.
const pairs = Uint32Array.from([bitsOf(2 ** -149), bitsOf(2 ** 100), bitsOf(2 ** -70), bitsOf(2 ** -70)]);
const kept = Uint32Array.of(bitsOf(2 ** -49), bitsOf(2 ** -140), bitsOf(2 ** -148));

const text = `
@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(1)
fn main() {
  let small = bitcast<f32>(words[0]);
  let large = bitcast<f32>(words[1]);
  let a = bitcast<f32>(words[2]);
  let b = bitcast<f32>(words[3]);
  words[0] = bitcast<u32>(small * large);
  words[1] = bitcast<u32>(a * b);
  words[2] = bitcast<u32>(small + small);
}`;

/** Asks the device by computing. One that cannot be asked, being lost, promises nothing. */
export async function subnormalsOf(device: GPUDevice): Promise<Subnormals> {
  try {
    const results = await computed(device);
    return kept.every((word, i) => word === results[i]) ? "kept" : "flushed";
  } catch {
    return "flushed";
  }
}

async function computed(device: GPUDevice): Promise<Uint32Array> {
  const size = pairs.byteLength;
  const pipeline = await device.createComputePipelineAsync({
    layout: "auto",
    compute: { module: device.createShaderModule({ label: "subnormals", code: text }), entryPoint: "main" },
  });
  const buffer = device.createBuffer({ size, usage: usage.storage | usage.copySource | usage.copyTarget });
  const staging = device.createBuffer({ size, usage: usage.mapRead | usage.copyTarget });
  try {
    device.queue.writeBuffer(buffer, 0, pairs);
    const layout = pipeline.getBindGroupLayout(0);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(mapForReading);
    return new Uint32Array(staging.getMappedRange().slice(0));
  } finally {
    buffer.destroy();
    staging.destroy();
  }
}

function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]!;
}
