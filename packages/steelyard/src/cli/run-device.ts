import { availableParallelism } from "node:os";
import { interpreter, type Device } from "@steelyard/core";
import { cpu } from "@steelyard/cpu";
import type { TrainOptions } from "./options.ts";

/** What a run is computed with: all that can change the last digits of its numbers, and its threads. Log and report hold it. */
export interface DeviceRecord {
  readonly device: string;
  /** For each strategy. */
  readonly threads: number;
  /** The register tile of contractions: its name, rows and columns. */
  readonly tiles?: string;
  /** Whether V8 fuses vectors of 128 bits into vectors of 256. */
  readonly revectorised?: boolean;
  readonly deterministic?: boolean;
}

/** The device of one thread that trains. */
export interface RunDevice {
  readonly device: Device;
  readonly record: DeviceRecord;
  close(): void;
}

type DeviceOptions = Pick<TrainOptions, "device" | "threads" | "deterministic" | "strategies">;

/**
 * A device of its own for a thread that trains, as the options ask for it.
 *
 * @throws DeviceError where there is no room for its memory
 */
export function openRunDevice(options: DeviceOptions): RunDevice {
  if (options.device === "interpreter") {
    return { device: interpreter(), record: { device: "interpreter", threads: 1 }, close: () => undefined };
  }
  const { deterministic } = options;
  const device = cpu({ threads: threadsOf(options), deterministic, revectorize: true });
  const { threads, family } = device;
  const tiles = `${family.name} ${family.rows} × ${family.columns}`;
  const record = { device: "cpu", threads, tiles, revectorised: family.name === "wide", deterministic };
  return { device, record, close: () => device.close() };
}

/** The record of the device that `openRunDevice` opens in every thread of this process. */
export function deviceRecord(options: DeviceOptions): DeviceRecord {
  const opened = openRunDevice(options);
  opened.close();
  return opened.record;
}

/** The threads of one strategy: as many as were asked for, or its share of the cores. */
export function threadsOf(
  { threads, strategies }: Pick<DeviceOptions, "threads" | "strategies">,
  cores: number = availableParallelism(),
): number {
  return threads ?? Math.max(1, Math.floor(cores / strategies.length));
}

/** As one line: `cpu, 1 thread for each strategy, register tiles wide 6 × 16, revectorised`. */
export function deviceText({
  device,
  threads,
  tiles,
  revectorised = false,
  deterministic = false,
}: DeviceRecord): string {
  return [
    device,
    `${threads} ${threads === 1 ? "thread" : "threads"} for each strategy`,
    ...(tiles === undefined ? [] : [`register tiles ${tiles}`]),
    ...(revectorised ? ["revectorised"] : []),
    ...(deterministic ? ["deterministic"] : []),
  ].join(", ");
}
