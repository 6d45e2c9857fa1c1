import { expect, test } from "vitest";
import { peakLoop } from "./peak-loops.ts";

test.each(["128-bit FMA", "128-bit mul + add", "256-bit FMA"] as const)("a loop of %s has a rate", (family) => {
  const rate = peakLoop(family)();
  expect(Number.isFinite(rate)).toBe(true);
  expect(rate).toBeGreaterThan(0);
});
