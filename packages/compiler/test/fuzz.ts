import process from "node:process";

/**
 * Parameters of a property: a modest number of runs by default, twenty times as many under STEELYARD_FUZZ=long, and the
 * seed of STEELYARD_SEED where it is set, to see a failure again.
 */
export function fuzz(runs: number): { numRuns: number; seed?: number } {
  const { STEELYARD_FUZZ: length, STEELYARD_SEED: seed } = process.env;
  const numRuns = length === "long" ? runs * 20 : runs;
  return seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) };
}
