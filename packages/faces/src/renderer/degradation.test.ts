import { describe, expect, it } from "vitest";
import type { Degradations } from "./difficulty.ts";
import { degrade } from "./degradation.ts";
import { createCanvas } from "./raster.ts";

const none: Degradations = { blur: 0, downUp: 0, noise: 0, quantisation: 0, occlusion: 0, jitter: 0, roll: 0 };

/** Mean change of a picture with detail at every scale; 20 pixels make ragged blocks. */
function damage(levels: Partial<Degradations>): number {
  const canvas = createCanvas(20);
  const before = canvas.rgb.map((_, i) => ((i * 7919) % 256) * 0.5 + ((i % 60) / 60) * 120);
  canvas.rgb.set(before);
  degrade(canvas, { ...none, ...levels }, 1, 2, 3);
  return before.reduce((sum, v, i) => sum + Math.abs(v - (canvas.rgb[i] ?? 0)), 0) / before.length;
}

describe("degrade", () => {
  it("changes nothing at level 0", () => {
    expect(damage({})).toBe(0);
  });

  it.each(["blur", "downUp", "noise", "quantisation", "occlusion"] as const)("damages more with more %s", (kind) => {
    const levels = [0.1, 0.4, 1].map((level) => damage({ [kind]: level }));
    expect(levels[0]).toBeGreaterThan(0);
    expect(levels[1]).toBeGreaterThan(levels[0] ?? Infinity);
    expect(levels[2]).toBeGreaterThan(levels[1] ?? Infinity);
  });

  it("keeps a flat picture flat under blur, scaling and fine quantisation", () => {
    const canvas = createCanvas(16);
    canvas.rgb.fill(120);
    // The constant coefficient of a block of eights is 8 · 120 = 960, a multiple of the step 0.5 · 40 = 20.
    degrade(canvas, { ...none, blur: 0.7, downUp: 0.5, quantisation: 0.5 }, 1, 2, 3);
    expect(canvas.rgb.every((v) => Math.abs(v - 120) < 1e-3)).toBe(true);
  });
});
