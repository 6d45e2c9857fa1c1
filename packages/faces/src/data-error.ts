import { SteelyardError } from "@steelyard/core";

/** A file, a data set or an option of one that is not what it should be; the hint says what to do about it. */
export function dataError(who: string, needs: string, got: string, hint: string): SteelyardError {
  return new SteelyardError({ code: "DataError", who, needs, got, hint });
}

/** What is wrong with a file, as the `got` of another message. */
export function reason(thrown: unknown): string {
  if (thrown instanceof SteelyardError) return `${thrown.details.got}, not ${thrown.details.needs}`;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Refuses an option that is not a whole number in `[least, ∞)`. */
export function wholeNumber(who: string, name: string, value: number, least: number, hint: string): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw dataError(who, `${name} to be a whole number of at least ${least}`, String(value), hint);
  }
}

/** Refuses an option that is not a number in `[low, high]`. */
export function inRange(who: string, name: string, value: number, low: number, high: number, hint: string): void {
  if (!(value >= low && value <= high)) {
    throw dataError(who, `${name} in [${low}, ${high}]`, String(value), hint);
  }
}
