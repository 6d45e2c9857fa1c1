import { SteelyardError } from "@steelyard/core";

export function usageError(needs: string, got: string): SteelyardError {
  return new SteelyardError({ code: "UsageError", who: "bench", needs, got });
}
