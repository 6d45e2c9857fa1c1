import type { Kernel } from "@steelyard/compiler";
import type { RenderOptions, Shader } from "../shader.ts";
import type { Gpu } from "./adapter.ts";
import { bufferPool, type BufferPool } from "./buffers.ts";
import { deviceError } from "./faults.ts";
import { usage } from "./flags.ts";
import { pipelineCache, type PipelineCache } from "./pipelines.ts";

/** Prints a kernel as WGSL. */
export type Render = (kernel: Kernel, options: RenderOptions) => Shader;

/** All that lives and dies with one GPU device. When that is lost, so is everything here. */
export interface Session {
  readonly gpu: Gpu;
  /** Memory of tensors. */
  readonly buffers: BufferPool;
  /** Memory through which values come back to the host. */
  readonly staging: BufferPool;
  readonly pipelines: PipelineCache;
  isOpen(): boolean;
  /** @throws DeviceError when the device has been lost */
  requireOpen(): void;
  /**
   * Called when commands were submitted. Waits where the host is so far ahead that the GPU has to catch up: what waits to
   * be computed takes memory.
   */
  pace(): Promise<void>;
  /** Gives up the device with all that it holds. */
  destroy(): void;
}

/** So many submits may be under way before the host waits for the first half of them. */
const ahead = 16;
/** After so many submits, memory that nobody has wanted in the meantime goes back. */
const sweeping = 256;

export function sessionOf(gpu: Gpu, limit: number): Session {
  const { device } = gpu;
  const buffers = bufferPool(gpu, { usage: usage.storage | usage.copySource | usage.copyTarget, limit });
  const staging = bufferPool(gpu, { usage: usage.mapRead | usage.copyTarget });
  let submits = 0;
  let isDestroyed = false;
  const loss = (): string | null => (isDestroyed ? "it was destroyed" : gpu.loss());
  let earlier: Promise<void> | null = null;
  return {
    gpu,
    buffers,
    staging,
    pipelines: pipelineCache(gpu),
    isOpen: () => loss() === null,
    requireOpen() {
      const reason = loss();
      if (reason !== null) throw deviceError("a device", `one that was lost: ${reason}`, "await device.recover()");
    },
    async pace() {
      submits++;
      if (submits % sweeping === 0) [buffers, staging].forEach((pool) => pool.sweep());
      if (submits % (ahead / 2) !== 0) return;
      const done = earlier;
      earlier = device.queue.onSubmittedWorkDone().catch(() => undefined);
      await done;
    },
    destroy() {
      isDestroyed = true;
      device.destroy();
    },
  };
}
