import process from "node:process";
import { openGpu } from "../src/runtime/adapter.ts";

/** What a look at this machine's adapter says. */
interface Found {
  /** Why there is no WebGPU device; null where there is. */
  readonly missing: string | null;
  /** Whether numbers below 2⁻¹²⁶ count as zeros in sums and products. */
  readonly flushesSubnormals: boolean;
}

/**
 * For tests that need a device, and are skipped without; but where `STEELYARD_WEBGPU=required` they must run.
 *
 * @throws Error instead of a reason, where a device is required
 */
async function lookForDevice(): Promise<Found> {
  try {
    const { device, subnormals } = await openGpu({});
    device.destroy();
    return { missing: null, flushesSubnormals: subnormals === "flushed" };
  } catch (error) {
    if (process.env["STEELYARD_WEBGPU"] === "required") throw error;
    const missing = error instanceof Error ? error.message.split("\n")[0]! : String(error);
    return { missing, flushesSubnormals: false };
  }
}

const { missing, flushesSubnormals } = await lookForDevice();

/** For `describe.skipIf`, and for titles: what is skipped says why. */
export const without = { device: missing !== null, because: missing === null ? "" : ` (${missing})` };

export { flushesSubnormals };
