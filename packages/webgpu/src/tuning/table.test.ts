import { describe, expect, test, vi } from "vitest";
import { remembered } from "./remembered.ts";
import type { TuningStore } from "./store.ts";
import { parseTable, printTable, type TableEntry } from "./table.ts";

const registers = { kind: "registers", rows: 4, columns: 8, depth: 2, along: "n", lanes: 4 } as const;
const workgroup = { kind: "workgroup", rows: 4, columns: 4, depth: 16, invocations: [16, 8] } as const;
const key = { adapter: "a GPU", version: "1" };

const entries: ReadonlyMap<string, TableEntry> = new Map([
  ["one", { schedule: registers, gain: 1.5 }],
  ["another", { schedule: workgroup, gain: 2 }],
  ["third", { schedule: null, gain: 1 }],
]);

/** A store that holds texts, and can break. */
function memoryStore(texts: Map<string, string> = new Map()): TuningStore & { readonly texts: Map<string, string> } {
  return {
    texts,
    read: async (name) => texts.get(name) ?? null,
    write: async (name, text) => void texts.set(name, text),
  };
}

/** What was told by warnings during some work. */
async function warnings(work: () => Promise<unknown>): Promise<string[]> {
  const spy = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  try {
    await work();
    return spy.mock.calls.map(([message]) => String(message));
  } finally {
    spy.mockRestore();
  }
}

describe("a table", () => {
  test("comes back from its text, whose order is that of the buckets", () => {
    const text = printTable({ ...key, entries });
    expect(parseTable(text)).toEqual({ ...key, entries });
    expect(printTable({ ...key, entries: new Map([...entries].toReversed()) })).toBe(text);
  });

  test.each([
    ["no JSON", "{"],
    ["another kind of thing", "[]"],
    ["no version", JSON.stringify({ adapter: "a GPU", entries: {} })],
    ["no entries", JSON.stringify(key)],
    ["an entry without a gain", JSON.stringify({ ...key, entries: { one: { schedule: null } } })],
    ["a schedule of another kind", JSON.stringify({ ...key, entries: { one: { schedule: { ...registers, kind: "magic" }, gain: 2 } } })],
    ["rows that are no count", JSON.stringify({ ...key, entries: { one: { schedule: { ...registers, rows: 0.5 }, gain: 2 } } })],
    ["one invocation too many", JSON.stringify({ ...key, entries: { one: { schedule: { ...workgroup, invocations: [1, 2, 3] }, gain: 2 } } })],
  ])("is not read with %s", (_, text) => expect(() => parseTable(text)).toThrow()); // prettier-ignore
});

describe("what is remembered", () => {
  test("is there for the next process, by adapter and version", async () => {
    const store = memoryStore();
    const first = await remembered(store, key);
    expect(first.entry("one")).toBeUndefined();
    for (const [bucket, entry] of entries) first.add(bucket, entry);
    await first.save();
    const second = await remembered(store, key);
    for (const [bucket, entry] of entries) expect(second.entry(bucket)).toEqual(entry);
    expect((await remembered(store, { ...key, version: "2" })).entry("one")).toBeUndefined();
    expect((await remembered(store, { ...key, adapter: "another" })).entry("one")).toBeUndefined();
  });

  test("keeps what another process has found out meanwhile", async () => {
    const store = memoryStore();
    const [mine, theirs] = [await remembered(store, key), await remembered(store, key)];
    mine.add("mine", { schedule: registers, gain: 2 });
    theirs.add("theirs", { schedule: workgroup, gain: 3 });
    await theirs.save();
    await mine.save();
    const both = await remembered(store, key);
    expect([both.entry("mine")?.gain, both.entry("theirs")?.gain]).toEqual([2, 3]);
  });

  test("is made anew where it is broken, with a warning and no error", async () => {
    const store = memoryStore();
    await (await remembered(store, key)).save();
    const [name] = [...store.texts.keys()];
    store.texts.set(name!, '{"adapter": "a G');
    const told = await warnings(async () => {
      const table = await remembered(store, key);
      expect(table.entry("one")).toBeUndefined();
      table.add("one", { schedule: registers, gain: 2 });
      await table.save();
    });
    expect(told).toEqual([
      expect.stringMatching(`^webgpu: its table of tuning ${name} cannot be used and is made anew`),
    ]);
    expect((await remembered(store, key)).entry("one")?.gain).toBe(2);
  });

  test("is of this process alone where the store cannot be read or written, with a warning", async () => {
    const broken: TuningStore = {
      read: () => Promise.reject(new Error("no permission")),
      write: () => Promise.reject(new Error("disk full")),
    };
    const told = await warnings(async () => {
      const table = await remembered(broken, key);
      table.add("one", { schedule: registers, gain: 2 });
      await table.save();
      expect(table.entry("one")?.gain).toBe(2);
    });
    expect(told).toEqual([
      expect.stringContaining("no permission"),
      "webgpu: what it has tuned is not remembered (disk full)",
    ]);
  });

  test("needs no store", async () => {
    const table = await remembered(null, key);
    table.add("one", { schedule: null, gain: 1 });
    await table.save();
    expect(table.entry("one")).toEqual({ schedule: null, gain: 1 });
  });
});
