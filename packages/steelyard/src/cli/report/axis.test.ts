import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logAxis, place, roundTicks, stepAxis, weightAxis } from "./axis.ts";
import { spread } from "./panel.ts";

const labels = (values: readonly number[]) => logAxis(values)?.ticks.map((tick) => tick.label);

describe("ticks", () => {
  it("are round: 1, 2 or 5 times a power of ten apart", () => {
    expect(roundTicks(0, 378)).toEqual([0, 100, 200, 300]);
    expect(roundTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(roundTicks(-0.3, 0.7, 5)).toEqual([-0.2, 0, 0.2, 0.4, 0.6]);
    expect(roundTicks(5, 5)).toEqual([5]);
  });

  it("are few, rising and within the axis, whatever it spans", () => {
    const bound = fc.double({ min: -1e12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(bound, fc.double({ min: 1e-3, max: 1e12, noNaN: true }), (low, span) => {
        const ticks = roundTicks(low, low + span);
        expect(ticks.length).toBeLessThanOrEqual(5);
        for (const tick of ticks) {
          // Ticks are rounded to 12 digits.
          expect(tick).toBeGreaterThanOrEqual(low - 1e-8 * span - 1e-11 * Math.abs(low));
          expect(tick).toBeLessThanOrEqual(low + span + 1e-8 * span + 1e-11 * (Math.abs(low) + span));
        }
      }),
    );
  });

  it("of steps are whole, start at 0 where the run does, and are never fractions of a step", () => {
    expect(stepAxis(1, 378).ticks.map((tick) => tick.label)).toEqual(["0", "100", "200", "300"]);
    expect(stepAxis(1, 2).ticks.map((tick) => tick.label)).toEqual(["1", "2"]);
    expect(stepAxis(7, 7).ticks.map((tick) => tick.label)).toEqual(["6", "7", "8"]);
    expect(stepAxis(0, 400_000).ticks.map((tick) => tick.label)).toEqual(["0", "100K", "200K", "300K", "400K"]);
  });

  it("of weights go from 0 to 1, or as far as the weights do", () => {
    expect(weightAxis(0.2, 0.8).ticks.map((tick) => tick.label)).toEqual(["0", "0.2", "0.4", "0.6", "0.8", "1"]);
    const wide = weightAxis(-0.5, 2.3);
    expect([wide.low, wide.high]).toEqual([-1, 3]);
  });

  it("of losses are powers of ten, with digits between where there is room", () => {
    expect(labels([0.02, 5])).toEqual(["0.03", "0.1", "0.3", "1", "3"]);
    expect(labels([1e-4, 1])).toEqual(["1e-4", "0.001", "0.01", "0.1", "1"]);
    expect(labels([2, 2])?.length).toBeGreaterThan(1);
  });
});

describe("a logarithmic axis", () => {
  it("is not stretched by one diverging value", () => {
    const axis = logAxis([...Array<number>(50).fill(1), 1e30]);
    expect(axis?.high).toBeLessThan(4.5);
  });

  it("ignores what has no logarithm, and does not exist without any that has", () => {
    expect(logAxis([Number.NaN, 0, -1, Number.POSITIVE_INFINITY])).toBeUndefined();
    expect(logAxis([])).toBeUndefined();
    expect(logAxis([0, 1, 10])).toEqual(logAxis([1, 10]));
  });

  it("draws what lies outside on its edge", () => {
    const axis = { low: 0, high: 1, ticks: [] };
    expect([-5, 0, 0.5, 1, 9].map((value) => place(axis, value, 100, 200))).toEqual([100, 100, 150, 200, 200]);
  });
});

describe("labels at the ends of curves", () => {
  it("stay where they are when they do not touch, and share the move when they do", () => {
    expect(spread([10, 50], 12, 0, 100)).toEqual([10, 50]);
    expect(spread([50, 50], 12, 0, 100)).toEqual([44, 56]);
    expect(spread([100, 100], 12, 0, 100)).toEqual([88, 100]);
    expect(spread([0, 1, 2], 12, 0, 100)).toEqual([0, 12, 24]);
  });
});
