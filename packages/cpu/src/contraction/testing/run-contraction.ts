import type { ContractionKernel } from "@steelyard/compiler";
import { emitContraction } from "../emit-contraction.ts";
import type { Family } from "../families.ts";
import type { Limits } from "../limits.ts";
import type { Elements } from "./random-kernels.ts";

const firstBuffer = 65536;
const slack = 4096;
const sentinel = 0x5eed5eed;

/**
 * Runs a kernel on buffers in a memory of their own, its chunks from the last to the first, and gives what lies in the
 * buffers afterwards. All else in memory holds a sentinel, of which it gives the addresses where it was overwritten.
 */
export function runContraction(
  kernel: ContractionKernel,
  { family, limits }: { readonly family: Family; readonly limits: Limits },
  buffers: readonly Elements[],
  numbers: readonly number[] = [],
): { results: Elements[]; overwritten: number[] } {
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
  const views = buffers.map((buffer, i) => viewLike(buffer, memory, places[i]!));
  buffers.forEach((buffer, i) => views[i]!.set(buffer));
  const { bytes, chunks } = emitContraction(kernel, family, limits);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const run = exports["run"] as (args: number, chunk: number) => void;
  for (let chunk = chunks - 1; chunk >= 0; chunk--) run(args, chunk);
  const results = views.map((view) => view.slice());
  places.forEach((place, i) => words.fill(sentinel, place / 4, place / 4 + buffers[i]!.length));
  const overwritten: number[] = [];
  words.subarray(firstBuffer / 4).forEach((word, i) => word !== sentinel && overwritten.push(firstBuffer + 4 * i));
  return { results, overwritten };
}

function viewLike(elements: Elements, { buffer }: WebAssembly.Memory, place: number): Elements {
  if (elements instanceof Float32Array) return new Float32Array(buffer, place, elements.length);
  if (elements instanceof Int32Array) return new Int32Array(buffer, place, elements.length);
  return new Uint32Array(buffer, place, elements.length);
}
