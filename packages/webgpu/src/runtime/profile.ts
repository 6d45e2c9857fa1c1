import type { Kernel } from "@steelyard/compiler";
import { encodeKernels, type Bound } from "./encode.ts";
import { faultError, watched, type Fault } from "./faults.ts";
import { mapForReading, usage } from "./flags.ts";

/** Told of a kernel that has run, and the milliseconds that took. */
export type Profile = (kernel: Kernel, milliseconds: number) => void;

/**
 * Runs kernels one by one and tells how long each took: by the GPU's own clock where it has one, otherwise from submitting it
 * to hearing that it is done. An error is that of the kernel that caused it.
 */
export async function profiled(bound: Bound, from: number, to: number, profile: Profile): Promise<void> {
  const { session, dispatches, args } = bound.prepared;
  const { device, features } = session.gpu;
  args.write(bound.bindings, from, to);
  const clock = features.timestamps ? clockOf(device) : null;
  try {
    for (let i = from; i < to; i++) {
      const started = performance.now();
      const { fault } = watched(device, () => {
        const encoder = device.createCommandEncoder();
        encodeKernels(encoder, bound, i, i + 1, clock?.writes ?? null);
        clock?.resolve(encoder);
        device.queue.submit([encoder.finish()]);
      });
      await device.queue.onSubmittedWorkDone();
      const elapsed = performance.now() - started;
      const found: Fault | null = await fault;
      session.requireOpen();
      const { kernel } = dispatches[i]!.command;
      if (found !== null) throw faultError(found, kernel.name);
      profile(kernel, (await clock?.read()) ?? elapsed);
    }
  } finally {
    clock?.destroy();
  }
}

export interface Clock {
  readonly writes: GPUComputePassTimestampWrites;
  resolve(encoder: GPUCommandEncoder): void;
  /** Milliseconds from the beginning of the pass to its end; null where the clock did not go on. */
  read(): Promise<number | null>;
  destroy(): void;
}

/** Two points of time, in nanoseconds as whole numbers of 64 bits. */
export function clockOf(device: GPUDevice): Clock {
  const bytes = 16;
  const querySet = device.createQuerySet({ type: "timestamp", count: 2 });
  const resolved = device.createBuffer({ size: bytes, usage: usage.query | usage.copySource });
  const staging = device.createBuffer({ size: bytes, usage: usage.mapRead | usage.copyTarget });
  return {
    writes: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
    resolve(encoder) {
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, bytes);
    },
    async read() {
      await staging.mapAsync(mapForReading);
      const [begin, end] = new BigInt64Array(staging.getMappedRange().slice(0));
      staging.unmap();
      return end! > begin! ? Number(end! - begin!) / 1e6 : null;
    },
    destroy: () => [querySet, resolved, staging].forEach((each) => each.destroy()),
  };
}
