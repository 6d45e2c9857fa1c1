import type { LoopKernel } from "@steelyard/compiler";
import { deviceArray, simulate } from "@steelyard/compiler/testing";
import type { DType } from "@steelyard/core";
import { emitLoop } from "../../src/loops/emit-loop.ts";

type Words = Float32Array | Int32Array | Uint32Array;

export const memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true });

const firstByte = 65536;
const slack = 4096;
// A NaN with a payload: where it turns up in a result, something was read that lies between buffers.
const between = 0x7fc0_dead;

/** The function of a kernel on the shared memory. */
export function instantiate(bytes: Uint8Array<ArrayBuffer>): (args: number, chunk: number) => void {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return instance.exports["run"] as (args: number, chunk: number) => void;
}

/** Words of memory as the numbers of a dtype. */
function view(dtype: DType, address: number, length: number): Words {
  if (dtype === "i32") return new Int32Array(memory.buffer, address, length);
  if (dtype === "u32" || dtype === "bool") return new Uint32Array(memory.buffer, address, length);
  return new Float32Array(memory.buffer, address, length);
}

/**
 * Runs a kernel on copies of the buffers, which lie in memory with gaps between them, its chunks in the order given by
 * `shuffle`. Answers what the buffers then hold.
 *
 * @throws Error when anything between the buffers was written
 */
export function runLoop(
  kernel: LoopKernel,
  buffers: readonly Words[],
  numbers: readonly number[] = [],
  { chunkTerms, shuffle = (chunks) => chunks }: { chunkTerms?: number; shuffle?: (chunks: number[]) => number[] } = {},
): Words[] {
  const { bytes, chunks } = chunkTerms === undefined ? emitLoop(kernel) : emitLoop(kernel, chunkTerms);
  const run = instantiate(bytes);
  const args = firstByte;
  let next = args + 4 * (buffers.length + numbers.length) + 64;
  const addresses = buffers.map(({ length }) => {
    const address = next;
    next += 4 * length + 68;
    return address;
  });
  const end = next + slack;
  if (end > memory.buffer.byteLength) memory.grow(Math.ceil((end - memory.buffer.byteLength) / 65536));
  const words = new Uint32Array(memory.buffer, 0, end / 4);
  words.fill(between, firstByte / 4);
  addresses.forEach((address, i) => view(kernel.buffers[i]!, address, buffers[i]!.length).set(buffers[i]!));
  words.set(addresses, args / 4);
  numbers.forEach((number, i) => {
    const dtype = kernel.numbers[i]!;
    view(dtype, args + 4 * (buffers.length + i), 1).set(deviceArray(dtype, [number]));
  });
  for (const chunk of shuffle(Array.from({ length: chunks }, (_, i) => i))) run(args, chunk);
  const results = addresses.map((address, i) => view(kernel.buffers[i]!, address, buffers[i]!.length).slice());
  addresses.forEach((address, i) => words.fill(between, address / 4, address / 4 + buffers[i]!.length));
  words.fill(between, args / 4, args / 4 + buffers.length + numbers.length);
  if (words.subarray(firstByte / 4).some((word) => word !== between)) throw new Error("written outside the buffers");
  return results;
}

/** What the kernel leaves in the buffers by definition. */
export function simulated(kernel: LoopKernel, buffers: readonly Words[], numbers: readonly number[] = []): Words[] {
  const results = buffers.map((buffer) => buffer.slice());
  simulate(kernel, results, numbers);
  return results;
}
