import { expect, test } from "vitest";
import { contendersOf } from "../options.ts";
import { rosters } from "./roster.ts";

test.each(["cpu", "webgpu"] as const)("every contender of %s is one that --only can name", async (benchmark) => {
  const { libraries, devices } = contendersOf[benchmark];
  for (const { implementations } of rosters[benchmark]) {
    for (const { impl, device } of await implementations()) {
      expect(libraries).toContain(impl);
      expect(devices).toContain(device);
    }
  }
});

test("processes have names of their own", () => {
  const names = Object.values(rosters).flatMap((hosts) => hosts.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
});
