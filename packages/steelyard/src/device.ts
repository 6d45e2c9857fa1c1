import { interpreter, setDefaultDevice, SteelyardError, type Device } from "@steelyard/core";
import { coordinatedCpu, cpu, type CoordinatedCpu, type CpuDevice, type CpuOptions } from "@steelyard/cpu";
import type { WebGpuDevice, WebGpuOptions } from "@steelyard/webgpu";
import { deviceChoice } from "./device-choice.ts";

/**
 * Opens the device that computes everything read from now on, and returns it. Left out, the one that the environment
 * variable `STEELYARD_DEVICE` names, or else the best there is: WebGPU on a GPU, and the CPU where there is none.
 *
 * On the main thread of a browser's page the CPU device lives in a worker: it is a `coordinatedCpu`.
 *
 * @throws UsageError for a name that is not in `deviceNames`, and for options of a device that has none
 * @throws DeviceError where there is no room for its memory, or WebGPU is named and there is none
 * @example (await device("interpreter")).name // "interpreter"
 */
export function device(name: "webgpu", options?: WebGpuOptions): Promise<WebGpuDevice>;
export function device(name: "cpu", options?: CpuOptions): Promise<CpuDevice | CoordinatedCpu>;
export function device(name?: string, options?: WebGpuOptions | CpuOptions): Promise<Device>;
export async function device(asked?: string, options?: WebGpuOptions | CpuOptions): Promise<Device> {
  if (options !== undefined && asked !== "webgpu" && asked !== "cpu") throw unused(asked, options);
  const { name, gpu } = await deviceChoice(asked, options);
  const chosen = gpu ?? (name === "cpu" ? openCpu(options) : interpreter());
  setDefaultDevice(chosen);
  return chosen;
}

/** The CPU device that suits where it is opened: the main thread of a page must not sleep and should not compute. */
export function openCpu(options?: CpuOptions): CpuDevice | CoordinatedCpu {
  return "document" in globalThis ? coordinatedCpu(options) : cpu(options);
}

function unused(name: string | undefined, options: object): SteelyardError {
  const who = name === undefined ? "device" : `device("${name}")`;
  const got = Object.keys(options).join(", ") || "an object";
  return new SteelyardError({ code: "UsageError", who, needs: "no options", got });
}
