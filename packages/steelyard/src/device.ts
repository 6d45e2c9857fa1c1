import { interpreter, setDefaultDevice, SteelyardError, type Device } from "@steelyard/core";

/** The devices there are, by name. */
const devices: Readonly<Record<string, () => Device>> = { interpreter };

export const deviceNames: readonly string[] = Object.keys(devices);

/**
 * Chooses the device that computes everything read from now on, and returns it. Left out, the best there is.
 *
 * @throws UsageError for a name that is not in `deviceNames`
 * @example device("interpreter").name // "interpreter"
 */
export function device(name: string = deviceNames[0]!): Device {
  const open = devices[name];
  if (open === undefined) {
    const needs = `one of ${deviceNames.join(", ")}`;
    throw new SteelyardError({ code: "UsageError", who: "device", needs, got: name });
  }
  const chosen = open();
  setDefaultDevice(chosen);
  return chosen;
}
