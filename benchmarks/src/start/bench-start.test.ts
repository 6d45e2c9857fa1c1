import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { benchStart } from "./bench-start.ts";
import { starters, type Starter } from "./starters.ts";

const silent = (): void => undefined;

const printing = (code: string, prints: string | null): Starter => ({
  work: "start",
  impl: "node",
  device: "process",
  threads: 1,
  command: process.execPath,
  cwd: import.meta.dirname,
  args: ["-e", code],
  prints,
});

describe("whole processes", () => {
  test("are timed when they print what they should", () => {
    const [row] = benchStart([printing("console.log(7)", "7")], 2, silent);
    expect(row).toMatchObject({ work: "start", impl: "node", error: null, gflops: null, peakShare: null });
    expect(row!.ms).toBeGreaterThan(0);
  });

  test("are not timed when they fail, or print something else, and the row says so", () => {
    const wrong = printing("console.log(8)", "7");
    const failing = printing("throw new TypeError('no such thing')", "7");
    const absent = { ...printing("", null), command: "no-such-command" };
    const rows = benchStart([wrong, failing, absent], 1, silent);
    expect(rows.map(({ ms, error }) => [ms, error])).toEqual([
      [null, "wrong: printed 8 where 7 is due"],
      [null, "TypeError: no such thing"],
      [null, "spawnSync no-such-command ENOENT"],
    ]);
  });

  test("multiply the same matrix, peers and the interpreter, and get the same number", () => {
    // Names lead to the sources from here; the benchmark itself takes the built packages.
    const all = starters(join(import.meta.dirname, "../..")).filter(({ impl, device }) => {
      return impl !== "pytorch" && !(impl === "steelyard" && device === "cpu");
    });
    const rows = benchStart(all, 1, silent);
    expect(rows.map(({ impl, device, error }) => [impl, device, error])).toEqual([
      ["node", "process", null],
      ["steelyard", "interpreter", null],
      ["tfjs", "cpu", null],
      ["tfjs", "wasm", null],
      ["jax-js", "wasm", null],
    ]);
  });
});
