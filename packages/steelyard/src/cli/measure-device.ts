import { SteelyardError } from "@steelyard/core";
import { cpu, type Calibration } from "@steelyard/cpu";
import { deviceChoice } from "../device-choice.ts";

/**
 * What would compute here and why, and how quick each register tile of the CPU is: the text of `steelyard device`.
 *
 * @throws UsageError for anything behind the command, and where `STEELYARD_DEVICE` names no device
 */
export async function measureDevice(args: readonly string[]): Promise<string> {
  if (args.length > 0) {
    const details = { who: "steelyard device", needs: "nothing behind it", got: args.join(" ") };
    throw new SteelyardError({ code: "UsageError", ...details });
  }
  const { name, because, gpu } = await deviceChoice();
  await gpu?.close();
  const adapter = gpu === null ? [] : [`webgpu, ${gpu.kind === "gpu" ? "a GPU" : "on the processor"}: ${gpu.adapter}`];
  return [`${name} computes: ${because}`, ...adapter, ...(await cpuLines())].join("\n");
}

async function cpuLines(): Promise<string[]> {
  const device = cpu({ revectorize: true });
  const lines = calibrationLines(device.calibration());
  const { threads, family, revectorised } = device;
  await device.close();
  const wide = revectorised ? "revectorised" : "not revectorised";
  return [`cpu, ${threads} ${threads === 1 ? "thread" : "threads"}, ${wide}, uses ${family.name}`, ...lines];
}

/** A line for each register tile, the quickest first. */
export function calibrationLines({ measurements }: Calibration): string[] {
  return measurements.map(({ family, gflops }) => {
    const tile = `${family.rows} × ${family.columns}`;
    return `  ${family.name.padEnd(6)} ${tile.padEnd(7)} ${gflops.toFixed(0).padStart(4)} GFLOP/s on one thread`;
  });
}
