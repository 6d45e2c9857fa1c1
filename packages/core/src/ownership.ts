import type { Storage } from "./device.ts";

/** The storage an object holds at the moment; a cell of its own, so that the collector's backstop can outlive the object. */
export interface Owned {
  storage: Storage | null;
}

const backstop = new FinalizationRegistry<Owned>((owned) => {
  if (owned.storage !== null) release(owned.storage);
  owned.storage = null;
});

/** When `holder` is collected, what `owned` holds by then is released. Explicit release is quicker; this is the net below. */
export function own(holder: object, owned: Owned): void {
  backstop.register(holder, owned);
}

/** One handle fewer; the last one gives the memory back to the device. */
export function release(storage: Storage): void {
  storage.references--;
  if (storage.references === 0) storage.device.free(storage);
}
