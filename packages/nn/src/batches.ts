import { random, threefryFill, valueError, type HostArray, type RandomKey } from "@steelyard/core";

/** How many samples, in batches of what size, in which order. */
export interface BatchOptions {
  /** How many samples there are. */
  readonly size: number;
  readonly batchSize: number;
  /** Decides the order, together with the epoch. */
  readonly key: RandomKey;
  /** 0 when left out; each epoch has an order of its own. */
  readonly epoch?: number;
  /** True when left out; otherwise samples come as they lie. */
  readonly shuffle?: boolean;
  /** Leave out a last batch that is not full, which would need a plan of its own; false when left out. */
  readonly dropLast?: boolean;
}

/**
 * One epoch of batches, as indices into the data: every index exactly once (but for a dropped last batch), in an order
 * that key and epoch decide alone, so any epoch can be resumed.
 *
 * @throws ValueError when a size is not a whole number > 0
 * @example
 * const pixels = new Float32Array(10 * 32 * 32 * 3);
 * for (const indices of batches({ size: 10, batchSize: 4, key: random.key(1), epoch: 0 })) {
 *   const x = tensor(takeRows(pixels, 32 * 32 * 3, indices), { shape: [indices.length, 32, 32, 3] });
 * }
 */
export function* batches({
  size,
  batchSize,
  key,
  epoch = 0,
  shuffle = true,
  dropLast = false,
}: BatchOptions): Generator<Int32Array, void, undefined> {
  for (const [name, value] of Object.entries({ size, batchSize })) {
    if (!Number.isInteger(value) || value < 1) throw valueError("batches", `${name}: a whole number > 0`, `${value}`);
  }
  const order = shuffle ? shuffled(size, random.foldIn(key, epoch)) : Int32Array.from({ length: size }, (_, i) => i);
  const end = dropLast ? size - (size % batchSize) : size;
  for (let start = 0; start < end; start += batchSize) yield order.slice(start, Math.min(start + batchSize, end));
}

/**
 * 0 … size − 1 in an order drawn from the key: Fisher–Yates, Durstenfeld's form (CACM 7, 1964, algorithm 235).
 *
 * @example shuffled(5, random.key(1)).toSorted() // [0, 1, 2, 3, 4]
 */
export function shuffled(size: number, key: RandomKey): Int32Array {
  const order = Int32Array.from({ length: size }, (_, i) => i);
  const words = new Uint32Array(size);
  threefryFill(key, words);
  for (let last = size - 1; last > 0; last--) {
    // Scaling a 32-bit word favours some places by at most size/2³²: nothing a data set can show.
    const chosen = Math.floor((words[last]! / 0x1_0000_0000) * (last + 1));
    const kept = order[last]!;
    order[last] = order[chosen]!;
    order[chosen] = kept;
  }
  return order;
}

/**
 * Rows of a row-major host array, gathered into an array of its own: [rows, rowSize] and indices [n] → [n, rowSize].
 *
 * @throws ValueError when an index points outside
 */
export function takeRows<T extends HostArray>(data: T, rowSize: number, indices: ArrayLike<number>): T {
  const rows = data.length / rowSize;
  const taken = new (data.constructor as new (length: number) => T)(indices.length * rowSize);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i]!;
    if (!(row >= 0 && row < rows)) throw valueError("takeRows", `indices in 0 … ${rows - 1}`, `${row} at ${i}`);
    taken.set(data.subarray(row * rowSize, (row + 1) * rowSize), i * rowSize);
  }
  return taken;
}
