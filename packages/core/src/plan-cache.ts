import type { Device, Executable } from "./device.ts";
import { sameStructure, type Program } from "./program.ts";

interface Entry {
  readonly program: Program;
  readonly executable: Executable;
}

/** Compiled programs of one device, found by structure; the least recently used go first. */
export class PlanCache {
  /** How many structures are kept, but for those that share a hash. */
  readonly capacity: number;
  hits = 0;
  misses = 0;
  // A Map keeps insertion order, so its first entry is the one that was used longest ago.
  readonly #entries = new Map<number, Entry[]>();

  constructor(capacity = 256) {
    this.capacity = capacity;
  }

  /** The program's executable, compiled when no plan of its structure is there. */
  executable(device: Device, program: Program): Executable {
    const bucket = this.#entries.get(program.hash) ?? [];
    const found = bucket.find((entry) => sameStructure(entry.program, program));
    // Out and in again: now it is the last.
    this.#entries.delete(program.hash);
    this.#entries.set(program.hash, bucket);
    if (found !== undefined) {
      this.hits++;
      return found.executable;
    }
    this.misses++;
    const executable = device.compile(program);
    bucket.push({ program, executable });
    if (this.#entries.size > this.capacity) this.#entries.delete(this.#entries.keys().next().value!);
    return executable;
  }
}

const caches = new WeakMap<Device, PlanCache>();

/** The plans a device has made so far; `hits` and `misses` tell whether steps find their plan again. */
export function planCache(device: Device): PlanCache {
  const cache = caches.get(device) ?? new PlanCache();
  caches.set(device, cache);
  return cache;
}
