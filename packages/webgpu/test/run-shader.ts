import type { DType } from "@steelyard/core";
import { deviceArray } from "@steelyard/compiler/testing";
import { guaranteed, type RenderOptions, type Shader } from "../src/shader.ts";

// Runs single shaders on bare WebGPU, without the runtime of the device: what a shader means is then all that is tested.

export type Words = Float32Array | Int32Array | Uint32Array;

/** A GPU for tests, and what shaders for it may use. */
export interface TestGpu {
  readonly device: GPUDevice;
  readonly adapter: GPUAdapter;
  readonly options: RenderOptions;
  /** The most buffers that one shader may have. */
  readonly buffers: number;
}

// Everything is kept: Dawn's binding for Node crashes where objects are collected that are in use.
let opened: { readonly gpu: GPU; readonly test: Promise<TestGpu> } | null = null;

/** The GPU of this process: by Dawn, on the driver that the environment names. */
export async function testGpu(): Promise<TestGpu> {
  if (opened === null) {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    const gpu = create([]);
    opened ??= { gpu, test: open(gpu) };
  }
  return opened.test;
}

/** Gives the GPU back, which would keep the process alive. */
export async function closeGpu(): Promise<void> {
  const test = await opened?.test;
  opened = null;
  test?.device.destroy();
}

async function open(gpu: GPU): Promise<TestGpu> {
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error("no adapter: is the environment that of softwareVulkan()?");
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    requiredFeatures: (["subgroups"] as const).filter((name) => adapter.features.has(name)),
    requiredLimits: {
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
    },
  });
  const features = { f16: false, subgroups: device.features.has("subgroups") };
  const options: RenderOptions = { ...guaranteed, adapter: "software", features, schedule: null };
  return { device, adapter, options, buffers: limits.maxStorageBuffersPerShaderStage };
}

/** What surrounds the elements of a buffer: a NaN with a payload, which shows where it is used. */
const between = 0x7fc0_dead;

export interface RunOptions {
  /** The bits of the runtime numbers, as `numberWords` makes them. */
  readonly numbers?: Uint32Array;
  /** The first element of each buffer, where the shader takes them from its words. */
  readonly offsets?: readonly number[];
}

/**
 * Runs a shader once on copies of the buffers, and answers what they then hold.
 *
 * @throws Error when the shader does not compile without a message, or writes behind its buffers
 */
export async function runShader(
  shader: Shader,
  buffers: readonly Words[],
  { numbers = new Uint32Array(), offsets = [] }: RunOptions = {},
): Promise<Words[]> {
  const { device } = await testGpu();
  device.pushErrorScope("validation");
  const held = buffers.map((words, i) => upload(device, words, offsets[i] ?? 0));
  const words = shader.words > 0 ? [uploadUniform(device, Uint32Array.of(...offsets, ...numbers))] : [];
  const staging = held.map(({ size }) =>
    device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ }),
  );
  const { pipeline, group } = await pipelineOf(device, shader, [...held, ...words]);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  if (!shader.workgroups.includes(0)) pass.dispatchWorkgroups(...shader.workgroups);
  pass.end();
  held.forEach((buffer, i) => encoder.copyBufferToBuffer(buffer, 0, staging[i]!, 0, buffer.size));
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  if (error !== null) throw new Error(`${error.message}\n${shader.text}`);
  const results = await Promise.all(
    staging.map(async (buffer, i) => {
      await buffer.mapAsync(GPUMapMode.READ);
      return elementsOf(buffer.getMappedRange().slice(0), buffers[i]!, offsets[i] ?? 0);
    }),
  );
  for (const buffer of [...held, ...words, ...staging]) buffer.destroy();
  return results;
}

/** Runtime numbers as words. */
export function numberWords(dtypes: readonly DType[], numbers: readonly number[]): Uint32Array {
  return Uint32Array.from(numbers, (number, i) => new Uint32Array(deviceArray(dtypes[i]!, [number]).buffer)[0]!);
}

/** Compiles a shader and says what the compiler had to say. */
export async function messagesOf(shader: Shader): Promise<string[]> {
  const { device } = await testGpu();
  const { messages } = await device.createShaderModule({ code: shader.text }).getCompilationInfo();
  return messages.map(({ message, lineNum }) => `line ${lineNum}: ${message}`);
}

async function pipelineOf(
  device: GPUDevice,
  { text, access, words }: Shader,
  bound: readonly GPUBuffer[],
): Promise<{ pipeline: GPUComputePipeline; group: GPUBindGroup }> {
  const module = device.createShaderModule({ code: text });
  const { messages } = await module.getCompilationInfo();
  if (messages.length > 0) {
    throw new Error([...messages.map(({ message, lineNum }) => `line ${lineNum}: ${message}`), text].join("\n"));
  }
  const types = access.map((each) => (each === "read" ? "read-only-storage" : "storage") as GPUBufferBindingType);
  const entries = [...types, ...(words > 0 ? (["uniform"] as const) : [])].map((type, binding) => ({
    binding,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type },
  }));
  const layout = device.createBindGroupLayout({ entries });
  const pipeline = await device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: "main" },
  });
  const resources = bound.map((buffer, binding) => ({ binding, resource: { buffer } }));
  return { pipeline, group: device.createBindGroup({ layout, entries: resources }) };
}

/** Elements with something else before and behind them; the size is a multiple of 16 bytes, as vectors need. */
function upload(device: GPUDevice, words: Words, offset: number): GPUBuffer {
  const size = 16 * Math.ceil((offset + words.length + 1) / 4);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const buffer = device.createBuffer({ size, usage, mappedAtCreation: true });
  const all = new Uint32Array(buffer.getMappedRange()).fill(between);
  all.set(new Uint32Array(words.buffer, words.byteOffset, words.length), offset);
  buffer.unmap();
  return buffer;
}

function uploadUniform(device: GPUDevice, words: Uint32Array): GPUBuffer {
  const size = 16 * Math.ceil(words.length / 4);
  const buffer = device.createBuffer({ size, usage: GPUBufferUsage.UNIFORM, mappedAtCreation: true });
  new Uint32Array(buffer.getMappedRange()).set(words);
  buffer.unmap();
  return buffer;
}

function elementsOf(bytes: ArrayBuffer, { length, constructor }: Words, offset: number): Words {
  const all = new Uint32Array(bytes);
  const outside = [...all.subarray(0, offset), ...all.subarray(offset + length)];
  if (outside.some((word) => word !== between)) throw new Error("written outside of a buffer");
  return new (constructor as new (bytes: ArrayBuffer, at: number, length: number) => Words)(bytes, 4 * offset, length);
}
