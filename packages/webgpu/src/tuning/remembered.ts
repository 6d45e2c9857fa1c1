import type { TuningStore } from "./store.ts";
import { parseTable, printTable, type TableEntry, type TuningTable } from "./table.ts";

/** The table of an adapter, which goes on from one process to the next. */
export interface Remembered {
  entry(bucket: string): TableEntry | undefined;
  /** Known from now on, in this process. */
  add(bucket: string, entry: TableEntry): void;
  /** Known from now on in others as well. What others have found out in the meantime stays. */
  save(): Promise<void>;
}

/** What a table must be of to be of use. */
export type TableKey = Pick<TuningTable, "adapter" | "version">;

/**
 * What is remembered. A table that is broken or cannot be read is told by a warning and made anew; a store that cannot be
 * written to is told as well, and everything goes on as without one.
 */
export async function remembered(store: TuningStore | null, key: TableKey): Promise<Remembered> {
  const name = `webgpu-${hashOf(key.adapter)}.json`;
  let isTold = false;
  const stored = async (): Promise<TuningTable["entries"]> => {
    try {
      const text = (await store?.read(name)) ?? null;
      if (text === null) return new Map();
      const { adapter, version, entries } = parseTable(text);
      return adapter === key.adapter && version === key.version ? entries : new Map();
    } catch (error) {
      if (!isTold) warn(`its table of tuning ${name} cannot be used and is made anew`, error);
      isTold = true;
      return new Map();
    }
  };
  const entries = new Map(await stored());
  return {
    entry: (bucket) => entries.get(bucket),
    add: (bucket, entry) => void entries.set(bucket, entry),
    async save() {
      if (store === null) return;
      for (const [bucket, entry] of await stored()) if (!entries.has(bucket)) entries.set(bucket, entry);
      await store
        .write(name, printTable({ ...key, entries }))
        .catch((error: unknown) => warn("what it has tuned is not remembered", error));
    },
  };
}

function warn(what: string, error: unknown): void {
  console.warn(`webgpu: ${what} (${error instanceof Error ? error.message : String(error)})`);
}

/** FNV-1a, 32 bits: for names, not against anybody. */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
