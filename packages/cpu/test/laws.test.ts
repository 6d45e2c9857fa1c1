import process from "node:process";
import { deviceLaws, type DeviceLaw } from "@steelyard/core/testing";
import { afterAll, describe, test } from "vitest";
import { cpu, families, type CpuOptions } from "../src/index.ts";

// The laws of every device, for this one: with one thread, which never waits, with two, with three and no fused
// multiply-add; and for each register tile what contractions do.

const cases = process.env["STEELYARD_FUZZ"] === "long" ? 200 : 10;
const laws = deviceLaws({ cases });

function keeps(groups: Readonly<Record<string, readonly DeviceLaw[]>>, options: CpuOptions): void {
  const device = cpu(options);
  afterAll(() => device.close());
  describe.each(Object.entries(groups))("the laws of %s", (_, group) => {
    for (const { title, check } of group) test(title, () => check(device), 600_000);
  });
}

describe("one thread keeps", () => keeps({ ...laws }, { threads: 1 }));
// Samples are too small for several threads.
const { adjoints, graphs, semantics, memory } = laws;
describe("two threads keep", () => keeps({ adjoints, graphs, semantics, memory }, { threads: 2 }));
describe("three threads without fused multiply-add keep", () => {
  keeps({ adjoints, graphs, semantics }, { threads: 3, deterministic: true });
});
describe.each(Object.values(families))("contractions in tiles of the family $name keep", ({ name }) => {
  const others = deviceLaws({ cases, seed: 1000 });
  keeps({ adjoints: others.adjoints, graphs: others.graphs.slice(0, 10) }, { threads: 1, family: name });
});
