import { SteelyardError } from "@steelyard/core";

/** What the device had to say against some commands: where it lacked memory, or what was wrong with them. */
export interface Fault {
  readonly kind: "memory" | "other";
  readonly message: string;
}

const filters = ["out-of-memory", "validation", "internal"] as const;

/**
 * Does some work on the device and hears its complaints about it. They come later, though without the device having to
 * compute anything: it looks at commands as soon as it gets them. Work must not wait for anything, or else it would
 * hear of the faults of others.
 */
export function watched<Result>(
  device: GPUDevice,
  work: () => Result,
): { readonly result: Result; readonly fault: Promise<Fault | null> } {
  filters.forEach((filter) => device.pushErrorScope(filter));
  let result: Result;
  try {
    result = work();
  } catch (error) {
    void Promise.all(popped(device));
    throw error;
  }
  return { result, fault: firstFault(popped(device)) };
}

/** The last scope that was opened is closed first. A device that was lost says nothing any more. */
function popped(device: GPUDevice): Promise<GPUError | null>[] {
  return filters.map(() => device.popErrorScope().catch(() => null)).toReversed();
}

async function firstFault(complaints: readonly Promise<GPUError | null>[]): Promise<Fault | null> {
  const errors = await Promise.all(complaints);
  const at = errors.findIndex((error) => error !== null);
  if (at < 0) return null;
  return { kind: filters[at] === "out-of-memory" ? "memory" : "other", message: firstLines(errors[at]!.message) };
}

/** Dawn's messages end with a stack of its own functions. */
function firstLines(message: string): string {
  return message.split("\n    at ")[0]!.trim();
}

export function deviceError(needs: string, got: string, hint?: string): SteelyardError {
  return new SteelyardError({
    code: "DeviceError",
    who: "webgpu",
    needs,
    got,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The error of a call that has met a fault. */
export function faultError({ kind, message }: Fault, what: string): SteelyardError {
  if (kind === "memory") return deviceError(`memory for ${what}`, `none: ${message}`);
  return deviceError(`commands that the device accepts for ${what}`, message);
}

/** A size for people. */
export function showBytes(bytes: number): string {
  if (bytes < 2 ** 10) return `${bytes} B`;
  if (bytes < 2 ** 20) return `${Math.ceil(bytes / 2 ** 10)} KiB`;
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
