import type { Device } from "./device.ts";
import { interpreter } from "./interpreter/interpreter.ts";

let current: Device | null = null;
let open: () => Device = interpreter;

/** The device that computes what is read: the one chosen, or else the one offered, which is opened when first needed. */
export function defaultDevice(): Device {
  current ??= open();
  return current;
}

/** Chooses the device for everything computed from now on; values elsewhere move when they are needed. */
export function setDefaultDevice(device: Device): void {
  current = device;
}

/** What to open where nothing is chosen: the interpreter, until a package that knows a quicker device offers it. */
export function offerDevice(opener: () => Device): void {
  open = opener;
}
