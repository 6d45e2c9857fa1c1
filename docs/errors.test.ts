import { readFileSync } from "node:fs";
import { errorCodes } from "@steelyard/core";
import { describe, expect, it } from "vitest";

describe("docs/errors.md", () => {
  it("explains every error code under a heading of its own, and no other", () => {
    const text = readFileSync(new URL("errors.md", import.meta.url), "utf8");
    const headings = [...text.matchAll(/^## (\w+)$/gm)].map(([, code]) => code);
    expect(headings).toEqual([...errorCodes]);
  });
});
