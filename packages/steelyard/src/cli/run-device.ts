import { availableParallelism } from "node:os";
import { interpreter, type Device } from "@steelyard/core";
import { cpu, families, type Family } from "@steelyard/cpu";
import { deviceChoice, openWebGpu, type DeviceName } from "../device-choice.ts";
import type { TrainOptions } from "./options.ts";

/**
 * What a run is computed with: all that can change the last digits of its numbers, and its threads, which cannot. It is
 * settled once for all strategies: two devices that measured for themselves might choose different tiles.
 */
export interface DeviceRecord {
  readonly device: DeviceName;
  /** What is behind WebGPU. */
  readonly adapter: string | null;
  /** For each strategy. */
  readonly threads: number;
  /** The register tile of contractions. */
  readonly tiles: Family["name"] | null;
  /** Whether V8 may fuse vectors of 128 bits into vectors of 256. */
  readonly revectorised: boolean;
  /** Whether convolutions of 3 × 3 taps may be computed by Winograd's transforms. */
  readonly winograd: boolean;
  readonly deterministic: boolean;
}

/** The device of one thread that trains. */
interface RunDevice {
  readonly device: Device;
  close(): Promise<void>;
}

type DeviceOptions = Pick<TrainOptions, "device" | "threads" | "tiles" | "deterministic" | "strategies">;

/** Options whose device is no longer left open. */
export type Settled<Options extends DeviceOptions> = Options & { readonly device: DeviceName };

/** Of a device that leaves nothing to settle. */
const plain: Omit<DeviceRecord, "device"> = {
  adapter: null,
  threads: 1,
  tiles: null,
  revectorised: false,
  winograd: false,
  deterministic: false,
};

/**
 * Settles what the options leave to this machine: the device, the threads, and by measurement the register tile.
 *
 * @throws DeviceError where there is no room for a device's memory
 * @throws ValueError for tiles that this engine has no instructions for, or that are not deterministic
 * @throws UsageError where `STEELYARD_DEVICE` names no device
 * @throws DeviceError where WebGPU is asked for and there is none
 */
export async function deviceRecord(options: DeviceOptions): Promise<DeviceRecord> {
  const { name: device, gpu } = await deviceChoice(options.device ?? undefined);
  await gpu?.close();
  if (device === "cpu") return cpuRecord(options);
  return { ...plain, device, adapter: gpu?.adapter ?? null, deterministic: device === "interpreter" };
}

async function cpuRecord(options: DeviceOptions): Promise<DeviceRecord> {
  const { deterministic } = options;
  const opened = openCpu(options);
  opened.calibration();
  const { threads, family, revectorised } = opened;
  await opened.close();
  const settled = { threads, tiles: family.name, revectorised, winograd: !deterministic, deterministic };
  return { ...plain, device: "cpu", ...settled };
}

/**
 * A device for a thread that trains: the one that `deviceRecord` has settled.
 *
 * @throws as `deviceRecord`
 */
export async function openRunDevice(options: Settled<DeviceOptions>): Promise<RunDevice> {
  if (options.device === "interpreter") return { device: interpreter(), close: async () => undefined };
  const device = options.device === "webgpu" ? await openWebGpu() : openCpu(options);
  return { device, close: () => device.close() };
}

function openCpu({ tiles, deterministic, ...options }: DeviceOptions): ReturnType<typeof cpu> {
  const family = tiles === null ? {} : { family: tiles };
  return cpu({ threads: threadsOf(options), deterministic, winograd: !deterministic, revectorize: true, ...family });
}

/** The threads of one strategy: as many as were asked for, or its share of the cores. */
export function threadsOf(
  { threads, strategies }: Pick<DeviceOptions, "threads" | "strategies">,
  cores: number = availableParallelism(),
): number {
  return threads ?? Math.max(1, Math.floor(cores / strategies.length));
}

/** As one line: `cpu, 1 thread for each strategy, register tiles wide (6 × 16), revectorised, Winograd`. */
export function deviceText(record: DeviceRecord): string {
  const { device, adapter, threads, tiles, revectorised, winograd, deterministic } = record;
  if (adapter !== null) return `${device}: ${adapter}`;
  const parts: string[] = [device, `${threads} ${threads === 1 ? "thread" : "threads"} for each strategy`];
  if (tiles !== null) parts.push(`register tiles ${tiles} (${families[tiles].rows} × ${families[tiles].columns})`);
  if (revectorised) parts.push("revectorised");
  if (winograd) parts.push("Winograd");
  if (deterministic) parts.push("deterministic");
  return parts.join(", ");
}
