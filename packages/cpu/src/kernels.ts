import { keyOf, type Kernel } from "@steelyard/compiler";
import { emitContraction } from "./contraction/emit-contraction.ts";
import type { Family } from "./contraction/families.ts";
import type { KernelModule } from "./kernel-module.ts";
import { emitLoop } from "./loops/emit-loop.ts";
import type { ThreadPool } from "./runtime/thread-pool.ts";

/** A kernel that the threads know. */
interface LoadedKernel {
  /** Its number in the pool. */
  readonly index: number;
  readonly chunks: number;
}

/** Machine code for kernels, made once for each. */
export interface KernelCache {
  load(kernel: Kernel, family: Family): LoadedKernel;
  /** How many different kernels there are. */
  readonly size: number;
}

/** @see KernelCache */
export function kernelCache(pool: ThreadPool): KernelCache {
  const known = new Map<string, LoadedKernel>();
  // One object may come often: for each group of images, say.
  const keys = new WeakMap<Kernel, string>();
  return {
    load(kernel, family) {
      // Contractions are other code in another family.
      const text = keys.get(kernel) ?? keyOf(kernel);
      keys.set(kernel, text);
      const key = `${kernel.kind === "contraction" ? family.name : ""} ${text}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      const emitted = emit(kernel, family);
      const loaded = { index: pool.load(emitted, kernel.name), chunks: emitted.chunks };
      known.set(key, loaded);
      return loaded;
    },
    get size() {
      return known.size;
    },
  };
}

function emit(kernel: Kernel, family: Family): KernelModule {
  return kernel.kind === "loop" ? emitLoop(kernel) : emitContraction(kernel, family);
}
