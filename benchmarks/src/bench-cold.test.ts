import { interpreter } from "@steelyard/core";
import { expect, test } from "vitest";
import { benchCold } from "./bench-cold.ts";
import { steelyard } from "./implementations/steelyard.ts";
import { inProcessHost } from "./testing/in-process-host.ts";
import { tinyNet } from "./testing/tiny-works.ts";

test("a cold start takes a host of its own, and tells of its time and memory", async () => {
  const hosts = [0, 1].map(() => inProcessHost("ours", [steelyard("interpreter", 1, () => interpreter())]));
  const [busy, fresh] = hosts as [(typeof hosts)[0], (typeof hosts)[0]];
  const seat = {
    impl: "steelyard",
    device: "interpreter",
    threads: 1,
    missing: null,
    adapter: null,
    at: 0,
    host: busy,
  };
  const work = { kind: "net", name: "tiny net", pass: "step", net: tinyNet } as const;
  const [row] = await benchCold(work, [seat], () => fresh, 1000);
  const [failed] = await benchCold(work, [{ ...seat, at: 1 }], () => fresh, 1000);
  expect(failed).toMatchObject({ impl: "steelyard", ms: null, error: expect.any(String) });
  expect(row).toMatchObject({ impl: "steelyard", pass: "step", error: null });
  expect(Math.min(row!.ms!, row!.peakMiB!)).toBeGreaterThan(0);
  expect(busy.asked).toEqual([]);
  expect(fresh.asked.map(({ kind }) => kind)).toEqual(["prepare", "memory", "prepare"]);
  expect(fresh.isOpen()).toBe(false);
});
