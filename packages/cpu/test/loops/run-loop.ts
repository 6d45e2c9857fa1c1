import type { LoopKernel } from "@steelyard/compiler";
import { deviceArray, simulate } from "@steelyard/compiler/testing";
import type { DType } from "@steelyard/core";
import { emitLoop } from "../../src/loops/emit-loop.ts";

type Words = Float32Array | Int32Array | Uint32Array;

const memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 8, maximum: 65536, shared: true });

const firstByte = 65536;
const slack = 4096;
// A NaN with a payload: where it turns up in a result, something was read that lies between buffers.
const between = 0x7fc0_dead;

/** The function of a kernel on the shared memory. */
function instantiate(bytes: Uint8Array<ArrayBuffer>): (args: number, chunk: number) => void {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return instance.exports["run"] as (args: number, chunk: number) => void;
}

/** Words of memory as the numbers of a dtype. */
function view(dtype: DType, address: number, length: number): Words {
  if (dtype === "i32") return new Int32Array(memory.buffer, address, length);
  if (dtype === "u32" || dtype === "bool") return new Uint32Array(memory.buffer, address, length);
  return new Float32Array(memory.buffer, address, length);
}

/** How a test runs a kernel. */
export interface RunOptions {
  readonly chunkTerms?: number;
  /** In which order chunks are run. */
  readonly shuffle?: (chunks: number[]) => number[];
  /** Where the buffers lie: from the first byte that holds data, or up to the last. */
  readonly place?: "first" | "last";
}

/**
 * Runs a kernel on copies of the buffers, which lie in memory with gaps between them. Answers what the buffers then hold.
 *
 * @throws Error when anything between the buffers was written
 */
export function runLoop(
  kernel: LoopKernel,
  buffers: readonly Words[],
  numbers: readonly number[] = [],
  { chunkTerms, shuffle = (chunks) => chunks, place = "first" }: RunOptions = {},
): Words[] {
  const { bytes, chunks } = chunkTerms === undefined ? emitLoop(kernel) : emitLoop(kernel, chunkTerms);
  const run = instantiate(bytes);
  const { args, addresses, all } = layOut(buffers, numbers.length, place);
  all.fill(between);
  addresses.forEach((address, i) => view(kernel.buffers[i]!, address, buffers[i]!.length).set(buffers[i]!));
  new Uint32Array(memory.buffer).set(addresses, args / 4);
  numbers.forEach((number, i) => {
    const dtype = kernel.numbers[i]!;
    view(dtype, args + 4 * (buffers.length + i), 1).set(deviceArray(dtype, [number]));
  });
  for (const chunk of shuffle(Array.from({ length: chunks }, (_, i) => i))) run(args, chunk);
  const results = addresses.map((address, i) => view(kernel.buffers[i]!, address, buffers[i]!.length).slice());
  addresses.forEach((address, i) => view("u32", address, buffers[i]!.length).fill(between));
  view("u32", args, buffers.length + numbers.length).fill(between);
  if (all.some((word) => word !== between)) throw new Error("written outside the buffers");
  return results;
}

/** Addresses, and all words from the first of them to the end of memory. */
function layOut(
  buffers: readonly Words[],
  numbers: number,
  place: "first" | "last",
): { args: number; addresses: number[]; all: Uint32Array } {
  const gap = 68;
  const size = 4 * (buffers.length + numbers) + gap + buffers.reduce((sum, { length }) => sum + 4 * length + gap, 0);
  const missing = firstByte + size + slack - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  const args = place === "first" ? firstByte : memory.buffer.byteLength - slack - size;
  let next = args + 4 * (buffers.length + numbers) + gap;
  const addresses = buffers.map(({ length }) => {
    const address = next;
    next += 4 * length + gap;
    return address;
  });
  return { args, addresses, all: new Uint32Array(memory.buffer, args, (memory.buffer.byteLength - args) / 4) };
}

/** What the kernel leaves in the buffers by definition. */
export function simulated(kernel: LoopKernel, buffers: readonly Words[], numbers: readonly number[] = []): Words[] {
  const results = buffers.map((buffer) => buffer.slice());
  simulate(kernel, results, numbers);
  return results;
}
