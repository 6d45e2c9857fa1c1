import { openGpu } from "../implementations/navigator-gpu.ts";

/**
 * Why nothing computes by WebGPU on this machine; null where something does. For tests that need it, and are skipped
 * without; but where `STEELYARD_WEBGPU=required` they must run.
 *
 * @throws Error instead of a reason, where it is required
 */
export async function whyNoWebgpu(): Promise<string | null> {
  const missing = await openGpu();
  if (missing !== null && process.env["STEELYARD_WEBGPU"] === "required") throw new Error(missing);
  return missing;
}
