import type { DType, HostArray } from "./dtype.ts";
import type { HostFunction } from "./graph.ts";
import type { Program } from "./program.ts";
import type { Shape } from "./shape.ts";

// What a device is: four types that the interpreter implements and any other device would.

/** A tensor's values in a device's memory. */
export interface Storage {
  readonly device: Device;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly bytes: number;
  /** Who keeps it alive, for memory reports: a Variable's name, or the operation that made it. */
  owner: string;
  /** Handles that share it. At zero the device may reuse the memory; a storage with more than one is never donated. */
  references: number;
}

/** What a program's runtime slot is bound to: stored values, a number, or the function of a host solve. */
export type Binding = Storage | number | HostFunction;

/** A program made ready by a device. It keeps no reference to any graph, so it can be run again with other bindings. */
export interface Executable {
  /**
   * Computes the outputs from the slots' bindings, in the order of `program.slots` and `program.outputs`.
   * Donated storage is the device's own: when the last instruction that reads it has run, results may be written over
   * it. The caller does not use it again, unless the run fails: then it still holds its values.
   */
  run(bindings: readonly Binding[], donated: ReadonlySet<Storage>): Promise<readonly Storage[]>;
}

/** All that a device has to do. The interpreter is the first and the definition of the others. */
export interface Device {
  readonly name: string;
  /** A copy of host values in device memory, with one reference, which is the caller's. */
  upload(data: HostArray, shape: Shape, dtype: DType, owner: string): Storage;
  /** What can be done once for all runs of a program. */
  compile(program: Program): Executable;
  /** A copy on the host; nothing in it aliases device memory. */
  read(storage: Storage): Promise<HostArray>;
  /** The memory goes back to the device. */
  free(storage: Storage): void;
  /** Live storage, for `memory.report()`. */
  storages(): Iterable<Storage>;
}
