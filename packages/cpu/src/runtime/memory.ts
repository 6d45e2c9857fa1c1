import { SteelyardError, invariant, valueError } from "@steelyard/core";
import { maximumPages } from "../assembler/module.ts";
import { alignment, Allocator, type Holding } from "./allocator.ts";

const pageBytes = 65_536;
/** Addresses below this hold no data: a kernel may read a little before its buffer. */
export const firstAddress: number = pageBytes;
/** Bytes behind the last block that hold no data: a kernel may read a little beyond its buffer. */
export const slackBytes = 4096;

/** Grown by at least this much at a time: growing makes every thread renew its views. */
const growthBytes = 64 * 2 ** 20;
const initialPages = 16;

/** What a device's memory holds and held. Sizes in bytes. */
export interface MemoryUse {
  /** In blocks that are in use; a block is a multiple of 64 bytes. */
  readonly inUse: number;
  /** The most that was ever in use at once. */
  readonly peak: number;
  /** Size of the WebAssembly memory. It never shrinks, but pages that were never written cost nothing. */
  readonly reserved: number;
  /** How often it was grown. */
  readonly growths: number;
  /** What is in use, largest owner first. */
  readonly holdings: readonly Holding[];
}

/**
 * The memory of a CPU device: one shared WebAssembly memory that all kernels and threads see, in blocks.
 *
 * Blocks start at multiples of 64 bytes. Their bytes are what their last owner left there. Memory grows when no free
 * block is long enough; addresses stay, and so do views, but a view of the whole (`words`) is then too short for what
 * is new: take it from here each time.
 */
export interface DeviceMemory {
  readonly wasm: WebAssembly.Memory;
  /** All of it as 32-bit words: the word at `address` has index `address / 4`. */
  readonly words: Int32Array;
  /** @throws SteelyardError DeviceError when so many bytes do not fit. `who` names their owner in messages and reports. */
  allocate(bytes: number, who: string): number;
  free(address: number): void;
  f32(address: number, length: number): Float32Array;
  i32(address: number, length: number): Int32Array;
  u32(address: number, length: number): Uint32Array;
  u8(address: number, length: number): Uint8Array;
  report(): MemoryUse;
}

export interface MemoryOptions {
  /** The most bytes to reserve, at most (and by default) 4 GiB. */
  readonly limit?: number;
}

/**
 * An empty device memory. It is shared in every environment, because the modules of kernels import a shared one. A page
 * that is not isolated from other origins can make such a memory too, but cannot send it to a worker: there the device
 * has one thread.
 *
 * @throws SteelyardError ValueError when the limit leaves no page for data, and DeviceError where the machine has no room
 * for the range of addresses
 */
export function deviceMemory({ limit = maximumPages * pageBytes }: MemoryOptions = {}): DeviceMemory {
  const maximum = Math.min(maximumPages, Math.floor(limit / pageBytes));
  if (!(maximum >= 2)) throw valueError("cpu memory", `a limit of at least ${2 * pageBytes} bytes`, `${limit}`);
  const wasm = reserve(maximum);
  const blocks = new Allocator(firstAddress, wasm.buffer.byteLength - firstAddress - slackBytes);
  let buffer = wasm.buffer;
  let words = new Int32Array(buffer);
  let peak = 0;
  let growths = 0;

  const allocate = (bytes: number, who: string): number => {
    invariant(Number.isSafeInteger(bytes) && bytes >= 0, `a block of ${bytes} bytes`);
    // A block without elements still needs an address of its own.
    const whole = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    let address = blocks.allocate(whole, who);
    if (address === null) {
      if (!grow(wasm, whole - blocks.tail, maximum)) {
        throw outOfMemory(who, bytes, buffer.byteLength, maximum * pageBytes, blocks);
      }
      growths++;
      blocks.extend(wasm.buffer.byteLength - buffer.byteLength);
      buffer = wasm.buffer;
      words = new Int32Array(buffer);
      address = blocks.allocate(whole, who)!;
    }
    peak = Math.max(peak, blocks.inUse);
    return address;
  };

  return {
    wasm,
    get words() {
      return words;
    },
    allocate,
    free: (address) => blocks.free(address),
    f32: (address, length) => new Float32Array(buffer, address, length),
    i32: (address, length) => new Int32Array(buffer, address, length),
    u32: (address, length) => new Uint32Array(buffer, address, length),
    u8: (address, length) => new Uint8Array(buffer, address, length),
    report: () => {
      return { inUse: blocks.inUse, peak, reserved: buffer.byteLength, growths, holdings: blocks.holdings() };
    },
  };
}

/** The pages are only addresses until they are written: a generous maximum costs nothing but the range. */
function reserve(maximum: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: Math.min(initialPages, maximum), maximum, shared: true });
  } catch (error) {
    throw new SteelyardError({
      code: "DeviceError",
      who: "cpu memory",
      needs: `a range of ${size(maximum * pageBytes)} of addresses`,
      got: error instanceof Error ? error.message : String(error),
      hint: "lower the limit of the device's memory",
    });
  }
}

/** Adds at least the missing bytes: a generous step where that is to be had, else just what is missing. */
function grow(wasm: WebAssembly.Memory, missing: number, maximum: number): boolean {
  const reserved = wasm.buffer.byteLength;
  const room = maximum - reserved / pageBytes;
  const least = Math.ceil(missing / pageBytes);
  const step = Math.ceil(Math.max(missing, growthBytes, reserved / 2) / pageBytes);
  return [Math.min(step, room), least].some((pages) => {
    if (pages < least || pages > room) return false;
    try {
      wasm.grow(pages);
      return true;
    } catch {
      return false; // the machine has no more
    }
  });
}

function outOfMemory(who: string, bytes: number, reserved: number, limit: number, blocks: Allocator): SteelyardError {
  const held = blocks.holdings();
  const parts = held.slice(0, 3).map((each) => `${size(each.bytes)} of ${each.owner}`);
  if (held.length > 3) parts.push(`${held.length - 3} more`);
  const live = held.length === 0 ? "" : ` (${parts.join(", ")})`;
  const piece = Math.max(blocks.freeSizes().at(-1) ?? 0, blocks.tail + limit - reserved);
  return new SteelyardError({
    code: "DeviceError",
    who,
    needs: `${size(bytes)} of device memory`,
    got: `${size(blocks.inUse)} in use${live}, at most ${size(piece)} free in one piece, a limit of ${size(limit)}`,
    hint: "take a smaller batch, or several micro-batches for each step",
  });
}

const units = ["B", "KiB", "MiB", "GiB"];

/** Bytes as people read them: 1.5 MiB. */
function size(bytes: number): string {
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return `${Math.round((bytes / 1024 ** unit) * 10) / 10} ${units[unit]}`;
}
