import type { ContractionKernel } from "@steelyard/compiler";
import type { RenderOptions } from "../shader.ts";
import { longestBlock } from "../wgsl/contraction-cost.ts";
import { groupBytes, groupTileOf } from "../wgsl/contraction-group.ts";
import type { ContractionSchedule } from "../wgsl/contraction-schedule.ts";
import { tileOf } from "../wgsl/contraction-tile.ts";

/**
 * Whether a kernel can be computed so: a table may come from a device with more memory for a workgroup, and the kernel that
 * was measured was only like this one.
 */
export function fits(kernel: ContractionKernel, schedule: ContractionSchedule, options: RenderOptions): boolean {
  const { features, limits } = options;
  if (schedule.kind === "workgroup") {
    const tile = groupTileOf(kernel, schedule, options);
    return tile.invocations <= limits.invocations && groupBytes(tile) <= limits.workgroupBytes;
  }
  const { own, shared, depth, lanes } = tileOf(kernel, schedule, options);
  const hasLanes = lanes === 1 || (features.subgroups && lanes === limits.subgroup);
  return hasLanes && own.size * shared.size * depth <= longestBlock;
}
