export { webgpu, type GpuMemoryUse, type WebGpuDevice, type WebGpuOptions } from "./device.ts";
export type { AdapterOptions } from "./runtime/adapter.ts";
export type { PoolUse } from "./runtime/buffers.ts";
export type { Profile } from "./runtime/profile.ts";
export type { Subnormals } from "./runtime/subnormals.ts";
export { guaranteed, type RenderOptions, type Shader } from "./shader.ts";
export type { ContractionSchedule, RegisterSchedule, WorkgroupSchedule } from "./wgsl/contraction-schedule.ts";
export { renderKernel } from "./wgsl/render.ts";
