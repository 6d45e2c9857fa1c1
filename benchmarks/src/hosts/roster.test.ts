import { expect, test } from "vitest";
import { devicesOf, libraries } from "../options.ts";
import { roster } from "./roster.ts";

test("every contender is one that --only can name", async () => {
  for (const { implementations } of roster) {
    for (const { impl, device } of await implementations()) {
      expect(libraries).toContain(impl);
      expect(devicesOf).toContain(device);
    }
  }
});
