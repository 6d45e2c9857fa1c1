import type { Plan } from "@steelyard/compiler";
import type { Device } from "@steelyard/core";
import type { AdapterOptions } from "./runtime/adapter.ts";
import type { PoolUse } from "./runtime/buffers.ts";
import { openDevice } from "./runtime/open-device.ts";
import type { Profile } from "./runtime/profile.ts";
import type { Subnormals } from "./runtime/subnormals.ts";
import type { ChosenSchedule, TuningOptions } from "./tuning/options.ts";
import type { ContractionSchedule } from "./wgsl/contraction-schedule.ts";
import { renderKernel } from "./wgsl/render.ts";

/** How the WebGPU device computes. */
export interface WebGpuOptions extends AdapterOptions {
  /** How contractions are computed; left out, as suits the adapter. */
  readonly schedule?: ContractionSchedule;
  /**
   * Whether large contractions are tuned at the first run of a plan that has unknown ones: the quickest of a few schedules
   * is then remembered for this adapter. Left out, on GPUs only: software adapters take seconds to compile each. What was
   * tuned may add in another order, so sums that are not exact may differ by roundings; `false` makes them the same always.
   */
  readonly tune?: boolean | TuningOptions;
  /** The most bytes of GPU memory; left out, as much as there is. */
  readonly limit?: number;
  /** Told of every plan that is made; for tests and teaching. */
  readonly observe?: (plan: Plan) => void;
  /** Told of every kernel that has run and the milliseconds it took. Kernels then run one by one, which takes longer. */
  readonly profile?: Profile;
}

/** What the device holds. Sizes in bytes. */
export interface GpuMemoryUse {
  /** Buffers of tensors and of intermediate values, those that wait to be used again included. */
  readonly values: PoolUse;
  /** Buffers through which values come back to the host. */
  readonly staging: PoolUse;
}

/** The device of this package, with what other devices do not have. */
export interface WebGpuDevice extends Device {
  /** What computes, for people. */
  readonly adapter: string;
  /** Whether that is a GPU, or the processor as one. */
  readonly kind: "software" | "gpu";
  /**
   * Whether sums and products take numbers below 2⁻¹²⁶ for zeros ("flushed"), as WebGPU lets them. What only moves, chooses
   * or compares numbers keeps them everywhere.
   */
  readonly subnormals: Subnormals;
  memory(): GpuMemoryUse;
  /** How many different shaders have been compiled so far. */
  pipelines(): number;
  /** How each kind of contraction that was compiled so far is computed, and why so. */
  tuning(): readonly ChosenSchedule[];
  /**
   * Opens a new GPU device where the old one was lost: its driver was restarted, it was unplugged, or `destroy` was called.
   * All values that it held are lost, and whoever asks for one is told so; upload them again, from a checkpoint. Programs
   * are prepared anew when they run again.
   *
   * @throws DeviceError where there is none any more, or this was closed
   */
  recover(): Promise<void>;
  /** Gives up the GPU device and everything it holds, as when it is lost. */
  destroy(): void;
  /** Ends it for good. */
  close(): Promise<void>;
}

/**
 * Opens the device that computes by WebGPU: in Node through Dawn, the package `webgpu`; in browsers by `navigator.gpu`.
 *
 * @throws DeviceError where there is no WebGPU, or no adapter
 * @example
 * const gpu = await webgpu().catch(() => null); // null where there is no adapter
 * if (gpu !== null) console.log(`${gpu.adapter} computes`);
 * await gpu?.close();
 */
export function webgpu(options: WebGpuOptions = {}): Promise<WebGpuDevice> {
  return openDevice(options, renderKernel);
}
