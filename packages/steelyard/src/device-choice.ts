import { SteelyardError } from "@steelyard/core";
import type { WebGpuDevice, WebGpuOptions } from "@steelyard/webgpu";

export type DeviceName = "webgpu" | "cpu" | "interpreter";

/** The devices there are. */
export const deviceNames: readonly DeviceName[] = ["webgpu", "cpu", "interpreter"];

/** Which device computes, and how it came to be this one. */
export interface DeviceChoice {
  readonly name: DeviceName;
  /** `it was asked for`. */
  readonly because: string;
  /** Open, where WebGPU was chosen: nobody knows a GPU before. */
  readonly gpu: WebGpuDevice | null;
}

type OpenGpu = (options?: WebGpuOptions) => Promise<WebGpuDevice>;

/** Names a device where the caller does not. */
const variable = "STEELYARD_DEVICE";

/**
 * The device to compute with: what the caller names, or else what the environment variable `STEELYARD_DEVICE` names, or
 * else the best there is: WebGPU on a GPU, and the CPU where there is none. What only plays a GPU, as llvmpipe and
 * SwiftShader do on the processor, is chosen by its name alone.
 *
 * @throws UsageError for a name that is not in `deviceNames`
 * @throws DeviceError where WebGPU is named and there is none
 */
export async function deviceChoice(
  asked?: string,
  options?: WebGpuOptions,
  openGpu: OpenGpu = openWebGpu,
): Promise<DeviceChoice> {
  const fromEnvironment = environment()[variable] ?? "";
  if (asked === undefined && fromEnvironment === "") return best(openGpu);
  const name = asked === undefined ? deviceNamed(variable, fromEnvironment) : deviceNamed("device", asked);
  const because = asked === undefined ? `${variable} names it` : "it was asked for";
  return { name, because, gpu: name === "webgpu" ? await openGpu(options) : null };
}

/** Programs that compute on the CPU load nothing of it. */
export async function openWebGpu(options?: WebGpuOptions): Promise<WebGpuDevice> {
  const { webgpu } = await import("@steelyard/webgpu");
  return webgpu(options);
}

async function best(openGpu: OpenGpu): Promise<DeviceChoice> {
  try {
    const gpu = await openGpu();
    if (gpu.kind === "gpu") return { name: "webgpu", because: "there is a GPU", gpu };
    await gpu.close();
    return cpuBecause(`behind WebGPU is no GPU here, but ${gpu.adapter}`);
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    const { who, needs, got } = error.details;
    return cpuBecause(`${who} needs ${needs}, got ${got}`);
  }
}

function cpuBecause(because: string): DeviceChoice {
  return { name: "cpu", because, gpu: null };
}

function deviceNamed(who: string, name: string): DeviceName {
  const known = deviceNames.find((each) => each === name);
  if (known !== undefined) return known;
  throw new SteelyardError({ code: "UsageError", who, needs: `one of ${deviceNames.join(", ")}`, got: name });
}

/** Of the process, where there is one. */
function environment(): Readonly<Record<string, string | undefined>> {
  const { process } = globalThis as { readonly process?: { readonly env?: Record<string, string | undefined> } };
  return process?.env ?? {};
}
