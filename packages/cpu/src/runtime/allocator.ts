import { invariant } from "@steelyard/core";

/** Every block starts at a multiple of this, the size of a cache line, and is as long as a multiple of it. */
export const alignment = 64;

/** A block in the order of addresses; blocks lie side by side without gaps. */
interface Block {
  readonly address: number;
  size: number;
  /** Who asked for it; null when it is free. */
  owner: string | null;
  before: Block | null;
  after: Block | null;
}

/** What one owner holds. */
export interface Holding {
  readonly owner: string;
  readonly bytes: number;
  readonly blocks: number;
}

/**
 * Divides a range of addresses into blocks: best fit, and of equal fits the lowest. Neighbours that are free are always
 * one block, so a round of allocations that is freed leaves what it found, and the same round finds the same places.
 */
export class Allocator {
  #last: Block;
  #inUse = 0;
  readonly #live = new Map<number, Block>();
  // Shortest first, then lowest. A binary search finds the best fit; to insert or remove moves the rest of the array,
  // which for the hundreds of blocks there are is quicker than any tree.
  readonly #free: Block[];

  constructor(start: number, size: number) {
    this.#last = { address: start, size, owner: null, before: null, after: null };
    this.#free = [this.#last];
  }

  /** The address of `bytes` free bytes; null when no free block is that long. */
  allocate(bytes: number, owner: string): number | null {
    const block = this.#free[position(this.#free, bytes, 0)];
    if (block === undefined) return null;
    this.#remove(block);
    const rest = block.size - bytes;
    block.size = bytes;
    block.owner = owner;
    if (rest > 0) this.#insert(block, rest);
    this.#live.set(block.address, block);
    this.#inUse += bytes;
    return block.address;
  }

  free(address: number): void {
    const block = this.#live.get(address);
    invariant(block !== undefined, `freed ${address}, where no block in use starts`);
    this.#live.delete(address);
    this.#inUse -= block.size;
    block.owner = null;
    this.#add(block);
    if (block.after?.owner === null) this.#join(block, block.after);
    if (block.before?.owner === null) this.#join(block.before, block);
  }

  /** Adds so many bytes behind the end of the range. */
  extend(bytes: number): void {
    if (this.#last.owner === null) this.#resize(this.#last, this.#last.size + bytes);
    else this.#insert(this.#last, bytes);
  }

  /** Free bytes at the end of the range, which an extension would lengthen. */
  get tail(): number {
    return this.#last.owner === null ? this.#last.size : 0;
  }

  /** Bytes in blocks that are in use. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Sizes of the free blocks, shortest first. */
  freeSizes(): readonly number[] {
    return this.#free.map((block) => block.size);
  }

  /** What is in use, largest owner first. */
  holdings(): readonly Holding[] {
    const owners = new Map<string, { bytes: number; blocks: number }>();
    for (const { owner, size } of this.#live.values()) {
      const sums = owners.get(owner!) ?? { bytes: 0, blocks: 0 };
      owners.set(owner!, { bytes: sums.bytes + size, blocks: sums.blocks + 1 });
    }
    return [...owners].map(([owner, sums]) => ({ owner, ...sums })).toSorted((a, b) => b.bytes - a.bytes);
  }

  #add(block: Block): void {
    this.#free.splice(position(this.#free, block.size, block.address), 0, block);
  }

  #remove(block: Block): void {
    this.#free.splice(position(this.#free, block.size, block.address), 1);
  }

  #resize(block: Block, bytes: number): void {
    this.#remove(block);
    block.size = bytes;
    this.#add(block);
  }

  /** Puts a free block behind another. */
  #insert(before: Block, bytes: number): void {
    const { address, size, after } = before;
    const block: Block = { address: address + size, size: bytes, owner: null, before, after };
    before.after = block;
    if (after === null) this.#last = block;
    else after.before = block;
    this.#add(block);
  }

  /** Makes one free block of two. */
  #join(block: Block, after: Block): void {
    this.#remove(after);
    this.#resize(block, block.size + after.size);
    block.after = after.after;
    if (after.after === null) this.#last = block;
    else after.after.before = block;
  }
}

/** Where the first block of at least this size, and from this address on among those of just this size, is or would be. */
function position(free: readonly Block[], size: number, address: number): number {
  let low = 0;
  let high = free.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const block = free[middle]!;
    if (block.size < size || (block.size === size && block.address < address)) low = middle + 1;
    else high = middle;
  }
  return low;
}
