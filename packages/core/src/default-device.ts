import type { Device } from "./device.ts";
import { interpreter } from "./interpreter/interpreter.ts";

let current: Device | null = null;

/** The device that computes what is read: the interpreter, until another is chosen. */
export function defaultDevice(): Device {
  current ??= interpreter();
  return current;
}

/** Chooses the device for everything computed from now on; values elsewhere move when they are needed. */
export function setDefaultDevice(device: Device): void {
  current = device;
}
