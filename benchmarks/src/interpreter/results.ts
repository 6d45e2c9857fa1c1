import { currentCommit, machine, type Machine } from "../machine.ts";
import type { Measured } from "./bench-interpreter.ts";

/** What a results file holds: the figures, and as much of the machine as explains them. */
export interface Results extends Measured {
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
}

export function resultsOf(measured: Measured): Results {
  return { date: new Date().toISOString().slice(0, 10), commit: currentCommit(), machine: machine(), ...measured };
}
