import { expect, test } from "vitest";
import type { Work } from "../works/work.ts";
import { forkedHost } from "./forked-host.ts";
import { TooSlow } from "./too-slow.ts";

const copy: Work = { kind: "copy", name: "memory copy", pass: "forward", size: 1000 };
const limit = 30_000;

test("a host in a process of its own answers, fails in words, and starts afresh after it was too slow", async () => {
  const host = forkedHost("memory", "128-bit FMA");
  try {
    expect(host.isOpen()).toBe(false);
    const contender = { impl: "memory", device: "copy", threads: 1, missing: null, adapter: null };
    expect(await host.ask({ kind: "contenders" }, limit)).toEqual([contender]);
    const product: Work = { kind: "matmul", name: "m", pass: "forward", m: 1, k: 1, n: 1 };
    await expect(host.ask({ kind: "prepare", at: 0, work: product }, limit)).rejects.toThrow("has no arithmetic");

    const { id, result, ms } = await host.ask({ kind: "prepare", at: 0, work: copy }, limit);
    expect(result).toHaveLength(1000);
    expect(ms).toBeGreaterThanOrEqual(0);
    const { samples, peak } = await host.ask({ kind: "round", id, runs: 5, time: 0 }, limit);
    expect(samples).toHaveLength(5);
    expect(peak).toBeGreaterThan(0);

    const endless = host.ask({ kind: "round", id, runs: 1, time: limit }, 50);
    await expect(endless).rejects.toThrow(new TooSlow(50));
    expect(host.isOpen()).toBe(false);
    expect(await host.ask({ kind: "contenders" }, limit)).toEqual([contender]);
    const lost = host.ask({ kind: "round", id, runs: 1, time: 0 }, limit);
    await expect(lost).rejects.toThrow("lost with the process that had prepared it");
  } finally {
    host.close();
  }
});

test("a process that ends is an error of whoever asked, each time", async () => {
  const host = forkedHost("nobody on the roster", "128-bit FMA");
  for (let i = 0; i < 2; i++) {
    await expect(host.ask({ kind: "peak" }, limit)).rejects.toThrow("its process ended with code 1");
  }
  host.close();
});
