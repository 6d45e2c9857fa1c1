/**
 * The CPU device: kernels as WebAssembly SIMD, made at run time and run on all cores.
 *
 * @module
 */

export { coordinatedCpu, type CoordinatedCpu } from "./coordinator/coordinated-cpu.ts";
export type { CpuReport } from "./coordinator/messages.ts";
export type { Calibration, Measurement } from "./contraction/calibrate.ts";
export { families, type Family } from "./contraction/families.ts";
export { cpu, type CpuDevice, type CpuOptions } from "./device.ts";
export type { MemoryUse } from "./runtime/memory.ts";
