import { cpuGoals } from "./cpu-goals.ts";
import type { Goal } from "./goal.ts";
import type { Results } from "./row.ts";
import { webgpuGoals } from "./webgpu-goals.ts";

/** What the results say of everything that was promised of a device that was measured. */
export function goalsOf(results: Results): Goal[] {
  const ours = new Set(results.rows.filter(({ impl }) => impl === "steelyard").map(({ device }) => device));
  const ofGpu = ours.has("webgpu") ? webgpuGoals(results) : [];
  return [...cpuGoals(results.rows), ...ofGpu];
}
