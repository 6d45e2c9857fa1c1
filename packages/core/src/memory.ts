import { defaultDevice } from "./default-device.ts";
import type { Device } from "./device.ts";

/** Live storage of one owner. Sizes in bytes. */
export interface MemoryEntry {
  readonly owner: string;
  readonly bytes: number;
  readonly count: number;
}

/** What a device holds now, largest owner first. */
export interface MemoryReport {
  readonly bytes: number;
  readonly count: number;
  readonly entries: readonly MemoryEntry[];
  toString(): string;
}

/** Live storage by owner: a Variable's name, or the operation that made the value. */
export const memory = {
  /** What the device holds now. */
  report(device: Device = defaultDevice()): MemoryReport {
    const owners = new Map<string, { bytes: number; count: number }>();
    for (const { owner, bytes } of device.storages()) {
      const entry = owners.get(owner) ?? { bytes: 0, count: 0 };
      owners.set(owner, { bytes: entry.bytes + bytes, count: entry.count + 1 });
    }
    const entries = [...owners].map(([owner, sums]) => ({ owner, ...sums })).toSorted((a, b) => b.bytes - a.bytes);
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    const count = entries.reduce((sum, entry) => sum + entry.count, 0);
    const lines = entries.map((entry) => `${entry.bytes} B in ${entry.count}: ${entry.owner}`);
    return { bytes, count, entries, toString: () => [`${bytes} B in ${count} storages`, ...lines].join("\n") };
  },
};
