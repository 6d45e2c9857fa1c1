import { gpuPeakLoop } from "./gpu-peak.ts";
import { peakLoop, type Family } from "./peak-loops.ts";

/** What the arithmetic of an implementation is a share of: vectors of the processor, or whatever WebGPU runs on. */
export type PeakFamily = Family | "WGSL FMA";

/** GFLOP/s at the moment. Can be asked again and again; each answer takes some milliseconds. */
export type Peak = () => number | Promise<number>;

/** The loop of a family, warm. */
export async function peakOf(family: PeakFamily): Promise<Peak> {
  return family === "WGSL FMA" ? gpuPeakLoop() : peakLoop(family);
}
