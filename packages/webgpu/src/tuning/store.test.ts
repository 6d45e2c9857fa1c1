import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defaultStore, fileStore } from "./store.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "steelyard-store-"))));
afterEach(() => rm(folder, { recursive: true }));

describe("texts in files", () => {
  test("are there for others, in a folder that is made when there is something to keep", async () => {
    const deep = join(folder, "cache", "steelyard");
    const store = fileStore(deep);
    expect(await store.read("a.json")).toBeNull();
    expect(await readdir(folder)).toEqual([]);
    await store.write("a.json", "one");
    await store.write("a.json", "two");
    expect(await fileStore(deep).read("a.json")).toBe("two");
    // Nothing is left of how it was written.
    expect(await readdir(deep)).toEqual(["a.json"]);
  });

  test("are whole whoever writes at the same time", async () => {
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(100_000));
    await Promise.all(texts.map((text) => fileStore(folder).write("a.json", text)));
    expect(texts).toContain(await fileStore(folder).read("a.json"));
    expect(await readdir(folder)).toEqual(["a.json"]);
  });

  test("leave nothing behind where they cannot be written", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(fileStore(join(folder, "file")).write("a.json", "one")).rejects.toThrow();
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test("lie in the user's cache by default", async () => {
    const before = process.env["XDG_CACHE_HOME"];
    try {
      process.env["XDG_CACHE_HOME"] = folder;
      await defaultStore()!.write("a.json", "one");
      expect(await fileStore(join(folder, "steelyard")).read("a.json")).toBe("one");
    } finally {
      if (before === undefined) delete process.env["XDG_CACHE_HOME"];
      else process.env["XDG_CACHE_HOME"] = before;
    }
  });
});
