export { guaranteed, type RenderOptions, type Shader } from "./shader.ts";
export type { ContractionSchedule } from "./wgsl/contraction-schedule.ts";
