import { afterEach, beforeEach } from "vitest";
import { defaultDevice, interpreter, setDefaultDevice, type Device, type Instruction } from "../src/index.ts";

/** What the device has done since the test began. */
export interface Observed {
  /** Names of the operations, in order. */
  readonly done: string[];
  /** How often the device has done an operation. */
  readonly times: (name: string) => number;
}

/** Computes every test of the file on an interpreter of its own, and watches it. */
export function observed(): Observed {
  const done: string[] = [];
  let before: Device;
  beforeEach(() => {
    before = defaultDevice();
    done.length = 0;
    const observe = ({ primitive }: Instruction): void => void done.push(primitive?.name ?? "input");
    setDefaultDevice(interpreter({ observe }));
  });
  afterEach(() => setDefaultDevice(before));
  return { done, times: (name) => done.filter((each) => each === name).length };
}
