import { SteelyardError } from "@steelyard/core";

export type DeviceName = "cpu" | "interpreter";

/** The devices there are. */
export const deviceNames: readonly DeviceName[] = ["cpu", "interpreter"];

/** Which device computes, and how it came to be this one. */
export interface DeviceChoice {
  readonly name: DeviceName;
  /** `it was asked for`. */
  readonly because: string;
}

/** Names a device where the caller does not. */
const variable = "STEELYARD_DEVICE";

/**
 * The device to compute with: what the caller names, or else what the environment variable `STEELYARD_DEVICE` names, or
 * else the best there is.
 *
 * @throws UsageError for a name that is not in `deviceNames`
 */
export async function deviceChoice(asked?: string): Promise<DeviceChoice> {
  if (asked !== undefined) return { name: deviceNamed("device", asked), because: "it was asked for" };
  const named = environment()[variable] ?? "";
  if (named !== "") return { name: deviceNamed(variable, named), because: `${variable} names it` };
  return { name: "cpu", because: "it is the quickest there is" };
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
