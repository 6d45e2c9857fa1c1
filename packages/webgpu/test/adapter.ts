import process from "node:process";
import { openGpu } from "../src/runtime/adapter.ts";

/**
 * Why there is no WebGPU device on this machine; null where there is. For tests that need one, and are skipped without; but
 * where `STEELYARD_WEBGPU=required` they must run.
 *
 * @throws Error instead of a reason, where a device is required
 */
export async function whyNoDevice(): Promise<string | null> {
  try {
    const { device } = await openGpu({});
    device.destroy();
    return null;
  } catch (error) {
    if (process.env["STEELYARD_WEBGPU"] === "required") throw error;
    return error instanceof Error ? error.message.split("\n")[0]! : String(error);
  }
}

const missing = await whyNoDevice();

/** For `describe.skipIf`, and for titles: what is skipped says why. */
export const without = { device: missing !== null, because: missing === null ? "" : ` (${missing})` };
