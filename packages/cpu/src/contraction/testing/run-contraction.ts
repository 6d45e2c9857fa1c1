import type { ContractionKernel } from "@steelyard/compiler";
import { emitContraction } from "../emit-contraction.ts";
import type { Family } from "../families.ts";

/** Runs a chunk of a kernel whose arguments lie at an address. */
export type Run = (args: number, chunk: number) => void;

export interface Loaded {
  readonly run: Run;
  readonly chunks: number;
}

export function load(kernel: ContractionKernel, family: Family, memory: WebAssembly.Memory): Loaded {
  const { bytes, chunks } = emitContraction(kernel, family);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return { run: exports["run"] as Run, chunks };
}

const firstBuffer = 65536;
const slack = 4096;
const sentinel = 0x5eed5eed;

/**
 * Runs a kernel on buffers in a memory of their own, its chunks from the last to the first, and gives what lies in the
 * buffers afterwards. All else in memory holds a sentinel, of which it gives the addresses where it was overwritten.
 */
export function runContraction(
  kernel: ContractionKernel,
  family: Family,
  buffers: readonly ArrayLike<number>[],
  numbers: readonly number[] = [],
): { results: Float32Array[]; overwritten: number[] } {
  const places: number[] = [];
  let end = firstBuffer;
  for (const { length } of buffers) {
    places.push(end);
    end += 4 * length + slack;
  }
  const pages = Math.ceil(end / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
  const [words, floats] = [new Int32Array(memory.buffer), new Float32Array(memory.buffer)];
  words.fill(sentinel);
  const args = 1024;
  words.set(places, args / 4);
  floats.set(numbers, args / 4 + places.length);
  buffers.forEach((buffer, i) => floats.set(buffer, places[i]! / 4));
  const { run, chunks } = load(kernel, family, memory);
  for (let chunk = chunks - 1; chunk >= 0; chunk--) run(args, chunk);
  const results = buffers.map(({ length }, i) => floats.slice(places[i]! / 4, places[i]! / 4 + length));
  places.forEach((place, i) => words.fill(sentinel, place / 4, place / 4 + buffers[i]!.length));
  const overwritten: number[] = [];
  words.subarray(firstBuffer / 4).forEach((word, i) => word !== sentinel && overwritten.push(firstBuffer + 4 * i));
  return { results, overwritten };
}
