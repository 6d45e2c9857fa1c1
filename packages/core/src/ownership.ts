import type { Storage } from "./device.ts";
import type { Node } from "./graph.ts";

/**
 * The storage an object holds at the moment; a cell of its own, so that the collector's backstop can outlive the
 * object.
 */
export interface Owned {
  storage: Storage | null;
}

/** Releases what a cell holds. */
export function letGo(owned: Owned): void {
  if (owned.storage !== null) release(owned.storage);
  owned.storage = null;
}

const backstop = new FinalizationRegistry<Owned>(letGo);

/**
 * When `holder` is collected, what `owned` holds by then is released. Explicit release is quicker; this is the net
 * below.
 */
export function own(holder: object, owned: Owned): void {
  backstop.register(holder, owned);
}

/** The node keeps the storage until it is disposed or collected. */
export function hold(node: Node, storage: Storage): void {
  if (node.owned === null) own(node, (node.owned = { storage: null }));
  node.owned.storage = storage;
}

/** One handle fewer; the last one gives the memory back to the device. */
export function release(storage: Storage): void {
  storage.references--;
  if (storage.references === 0) storage.device.free(storage);
}
