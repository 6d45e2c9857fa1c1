import { hostArray } from "@steelyard/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { race, type Trial } from "./race.ts";

interface Fake {
  /** Milliseconds of one run, and of a submit. */
  readonly run: number;
  readonly submit?: number;
  readonly leaves?: readonly number[];
}

/** Trials on a clock that goes in steps, as those of browsers do, and how often each ran. */
function fakes(
  all: readonly Fake[],
  tick = 0.1,
): { readonly starts: (() => Promise<Trial>)[]; readonly runs: number[] } {
  const runs = all.map(() => 0);
  const starts = all.map(({ run, submit = 0.3, leaves = [1, 2, 3] }, i) => async (): Promise<Trial> => ({
    result: async () => hostArray("f32", leaves),
    async time(count) {
      runs[i]! += count;
      return Math.round((submit + count * run) / tick) * tick;
    },
  }));
  return { starts, runs };
}

const fails = (): Promise<Trial> => Promise.reject(new Error("too many registers"));

describe("a race of schedules", () => {
  test("is won by the quickest, if it is clearly quicker than the first", async () => {
    const { winner, gain, finishes } = await race(fakes([{ run: 0.01 }, { run: 0.02 }, { run: 0.004 }]).starts);
    expect(winner).toBe(2);
    // Each batch of 512 has one submit.
    expect(gain).toBeCloseTo(0.01 / 0.004, 0);
    expect(finishes.map(({ kind }) => kind)).toEqual(["timed", "timed", "timed"]);
  });

  test("is won by the first, where others are a little quicker", async () => {
    expect(await race(fakes([{ run: 0.01 }, { run: 0.0095 }]).starts)).toMatchObject({ winner: 0, gain: 1 });
  });

  test("finds a difference of a quarter whatever the time of a run, on a clock of 0.1 ms", async () => {
    const times = fc.double({ min: 0.01, max: 20, noNaN: true });
    await fc.assert(
      fc.asyncProperty(times, fc.integer({ min: 1, max: 7 }), async (run, at) => {
        const all = Array.from({ length: 8 }, (_, i) => ({ run: i === at ? run / 1.25 : run, submit: 0.05 }));
        expect((await race(fakes(all).starts)).winner).toBe(at);
      }),
    );
  });

  test("is never won by who leaves something else, were it a single bit", async () => {
    const above = 1 + 2 ** -23;
    const all = [{ run: 1, leaves: [1, 2] }, { run: 0.1, leaves: [above, 2] }, { run: 0.2, leaves: [1] }, { run: 0.5, leaves: [1, 2] }]; // prettier-ignore
    const { starts, runs } = fakes(all);
    const { winner, finishes } = await race(starts);
    expect(winner).toBe(3);
    expect(finishes.map(({ kind }) => kind)).toEqual(["timed", "wrong", "wrong", "timed"]);
    expect(runs[1]).toBe(0);
  });

  test("takes zeros of either sign for the same, and all NaNs", async () => {
    const all = [
      { run: 1, leaves: [0, NaN] },
      { run: 0.5, leaves: [-0, NaN] },
      { run: 0.1, leaves: [0, 0] },
    ];
    expect(await race(fakes(all).starts)).toMatchObject({ winner: 1 });
  });

  test("goes on without those that fail, and not without the first", async () => {
    const { starts } = fakes([{ run: 1 }, { run: 0.1 }, { run: 0.5 }]);
    const { winner, finishes } = await race([starts[0]!, fails, starts[2]!]);
    expect(winner).toBe(2);
    expect(finishes[1]).toEqual({ kind: "failed", reason: "too many registers" });
    await expect(race([fails, starts[1]!])).rejects.toThrow("too many registers");
  });

  test("goes on without one that fails while it is timed", async () => {
    const { starts } = fakes([{ run: 1 }, { run: 0.1 }, { run: 0.5 }]);
    const breaks = async (): Promise<Trial> => {
      const trial = await starts[1]!();
      return { ...trial, time: () => Promise.reject(new Error("no memory")) };
    };
    const { winner, finishes } = await race([starts[0]!, breaks, starts[2]!]);
    expect(winner).toBe(2);
    expect(finishes[1]).toEqual({ kind: "failed", reason: "no memory" });
  });

  test("keeps no device busy with who is hopeless", async () => {
    // The first runs 512 times in a batch; the other would need as many seconds for it.
    const { starts, runs } = fakes([{ run: 0.01 }, { run: 1000 }, { run: 0.05 }]);
    expect(await race(starts)).toMatchObject({ winner: 0 });
    expect(runs[1]).toBe(1);
    // One round, and then no more.
    expect(runs[2]).toBe(1 + 512);
  });

  test("lets all take turns, so that a machine that becomes busy disturbs all alike", async () => {
    const order: number[] = [];
    const starts = [0, 1, 2].map((i) => async (): Promise<Trial> => ({
      result: async () => hostArray("f32", [1]),
      async time(runs) {
        if (runs === 8) order.push(i);
        return runs;
      },
    }));
    await race(starts);
    // 8 runs of 1 ms are the first batch that is long enough; then come four rounds.
    expect(order).toEqual([0, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });
});
