/** The sizes that decide how a contraction is cut. Any values give the same result; tests draw them at random. */
export interface Limits {
  /** Terms of a sum in one block, beyond which it is cut. */
  readonly run: { readonly rows: number; readonly panels: number; readonly linesOfA: number };
  /** Bytes of A that a chunk may touch. */
  readonly cachedBytes: number;
  /** Bytes of a B that passes by tile after tile. */
  readonly nearBytes: number;
  /** Operations below which a chunk is not worth waking a thread for, and how many chunks are enough. */
  readonly leastWork: number;
  readonly enoughChunks: number;
}

/**
 * Made for caches of 32 KiB and 1 MiB a core.
 *
 * What a block of a sum reads of B should stay in a cache while all rows pass by. Rows of B lie apart and share few sets of
 * the cache; panels are dense, and may be as long as the second level holds (128 KiB) where A is dense, too. Where each k
 * is another line of A, as in filter gradients, lines are what is scarce.
 *
 * A chunk's part of A is read once for each panel and should stay in the second level beside B.
 */
export const usualLimits: Limits = {
  run: { rows: 256, panels: 2048, linesOfA: 400 },
  cachedBytes: 384 * 1024,
  nearBytes: 64 * 1024,
  leastWork: 2 ** 20,
  enoughChunks: 16,
};
