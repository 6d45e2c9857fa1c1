import { interpreter, setDefaultDevice, SteelyardError, type Device } from "@steelyard/core";
import { cpu, type CpuDevice, type CpuOptions } from "@steelyard/cpu";

/** The devices there are, by name, the quickest first. */
const devices: Readonly<Record<string, (options?: CpuOptions) => Device>> = { cpu, interpreter: () => interpreter() };

export const deviceNames: readonly string[] = Object.keys(devices);

/**
 * Opens the device that computes everything read from now on, and returns it. Left out, the best there is.
 *
 * @throws UsageError for a name that is not in `deviceNames`, and for options of a device that has none
 * @throws DeviceError where there is no room for its memory
 * @example device("interpreter").name // "interpreter"
 */
export function device(name?: "cpu", options?: CpuOptions): CpuDevice;
export function device(name: string, options?: CpuOptions): Device;
export function device(name: string = deviceNames[0]!, options?: CpuOptions): Device {
  const open = devices[name];
  if (open === undefined) throw usage("device", `one of ${deviceNames.join(", ")}`, name);
  if (options !== undefined && name !== "cpu") throw usage(`device("${name}")`, "no options", shown(options));
  const chosen = open(options);
  setDefaultDevice(chosen);
  return chosen;
}

function shown(options: CpuOptions): string {
  return Object.keys(options).join(", ") || "an object";
}

function usage(who: string, needs: string, got: string): SteelyardError {
  return new SteelyardError({ code: "UsageError", who, needs, got });
}
