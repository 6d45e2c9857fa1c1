import type { SteelyardError } from "@steelyard/core";
import type { Gpu } from "./adapter.ts";
import { deviceError, faultError, showBytes, watched, type Fault } from "./faults.ts";

/** A buffer of the pool. */
export interface Piece {
  /** No other piece ever has it. */
  readonly id: number;
  readonly buffer: GPUBuffer;
  readonly bytes: number;
  /** What the device says about making it, as long as that is not known to be nothing. */
  fault: Promise<Fault | null> | null;
}

/** What a pool holds. Sizes in bytes. */
export interface PoolUse {
  readonly bytes: number;
  readonly buffers: number;
  /** The part that somebody uses. */
  readonly inUse: number;
  readonly buffersInUse: number;
}

/** Buffers of one kind that are used again and again, for making one is slow. */
export interface BufferPool {
  /** A buffer of at least so many bytes; what it holds is left over from others. */
  take(bytes: number, who: string): Piece;
  /** A free buffer, or null where one would have to be made. */
  takeFree(bytes: number): Piece | null;
  /** A new buffer, mapped for the host to write to. */
  takeMapped(bytes: number, who: string): Piece;
  /** Back to the pool; commands that were given before may still use it. */
  give(piece: Piece): void;
  /** Not back to the pool: it is no good. */
  drop(piece: Piece): void;
  /** Destroys what nobody uses, and waits until commands that were given before no longer need it. */
  trim(): Promise<void>;
  /** Called once in a while: destroys what has been free since the call before. */
  sweep(): void;
  use(): PoolUse;
}

interface PoolOptions {
  readonly usage: GPUBufferUsageFlags;
  /** The most bytes, all pieces together. */
  readonly limit?: number;
}

let ids = 0;

/**
 * A pool of buffers by size class. Of several free ones it gives that with the lowest number, so which one a program
 * gets depends only on which are free, not on the order in which they became so: equal steps soon find equal buffers.
 */
export function bufferPool({ device }: Gpu, { usage, limit = Infinity }: PoolOptions): BufferPool {
  const most = Math.floor(device.limits.maxBufferSize / 16) * 16;
  const free = freePieces();
  const used = new Set<Piece>();
  /** Free since the last sweep. */
  let idle = new Set<Piece>();
  let bytes = 0;

  const use = (piece: Piece): Piece => {
    used.add(piece);
    idle.delete(piece);
    return piece;
  };
  const destroy = (pieces: Iterable<Piece>): void => {
    for (const piece of pieces) {
      bytes -= piece.bytes;
      piece.buffer.destroy();
    }
  };
  const takeFree = (wanted: number): Piece | null => {
    const piece = free.take(sizeClass(wanted, most));
    return piece === null ? null : use(piece);
  };
  const destroyFree = (): void => destroy(free.removeAll(() => true));
  const make = (wanted: number, who: string, mappedAtCreation: boolean): Piece => {
    const size = sizeClass(wanted, most);
    requireSize(wanted, most, who);
    if (bytes + size > limit) destroyFree();
    if (bytes + size > limit) throw limitError(size, { bytes, limit }, who);
    const { result: buffer, fault } = create(device, { size, usage, mappedAtCreation }, who);
    bytes += size;
    return use(pieceOf(buffer, size, fault));
  };
  return {
    takeFree,
    take: (wanted, who) => takeFree(wanted) ?? make(wanted, who, false),
    takeMapped: (wanted, who) => make(wanted, who, true),
    give(piece) {
      used.delete(piece);
      free.add(piece);
    },
    drop(piece) {
      used.delete(piece);
      destroy([piece]);
    },
    trim() {
      destroyFree();
      return device.queue.onSubmittedWorkDone().then(() => undefined);
    },
    sweep() {
      destroy(free.removeAll((piece) => idle.has(piece)));
      idle = new Set(free.all());
    },
    use: () => ({
      bytes,
      buffers: used.size + [...free.all()].length,
      inUse: [...used].reduce((sum, piece) => sum + piece.bytes, 0),
      buffersInUse: used.size,
    }),
  };
}

function pieceOf(buffer: GPUBuffer, bytes: number, fault: Promise<Fault | null>): Piece {
  const piece: Piece = { id: ids++, buffer, bytes, fault: null };
  piece.fault = fault.then((found) => {
    if (found === null) piece.fault = null;
    return found;
  });
  return piece;
}

/** Free pieces by size. */
interface FreePieces {
  add(piece: Piece): void;
  /** That with the lowest number among those of just this size. */
  take(bytes: number): Piece | null;
  /** Takes out all that are meant. */
  removeAll(isMeant: (piece: Piece) => boolean): readonly Piece[];
  all(): Iterable<Piece>;
}

function freePieces(): FreePieces {
  const bySize = new Map<number, Piece[]>();
  return {
    add(piece) {
      const pieces = bySize.get(piece.bytes) ?? [];
      const at = pieces.findIndex(({ id }) => id > piece.id);
      pieces.splice(at < 0 ? pieces.length : at, 0, piece);
      bySize.set(piece.bytes, pieces);
    },
    take: (bytes) => bySize.get(bytes)?.shift() ?? null,
    removeAll(isMeant) {
      const removed = [...bySize.values()].flat().filter(isMeant);
      for (const [size, pieces] of bySize) bySize.set(size, pieces.filter((piece) => !isMeant(piece))); // prettier-ignore
      return removed;
    },
    all: () => [...bySize.values()].flat(),
  };
}

function requireSize(wanted: number, most: number, who: string): void {
  if (wanted <= most) return;
  throw deviceError(`a buffer of ${showBytes(wanted)} for ${who}`, `a device with at most ${showBytes(most)} in one`);
}

function limitError(size: number, { bytes, limit }: { bytes: number; limit: number }, who: string): SteelyardError {
  return deviceError(
    `${showBytes(size)} of device memory for ${who}`,
    `a limit of ${showBytes(limit)} of which ${showBytes(bytes)} are taken`,
    "dispose what is no longer needed, or use smaller batches",
  );
}

function create(
  device: GPUDevice,
  descriptor: GPUBufferDescriptor,
  who: string,
): { readonly result: GPUBuffer; readonly fault: Promise<Fault | null> } {
  try {
    return watched(device, () => device.createBuffer(descriptor));
  } catch (error) {
    // The one error that comes at once: no memory on the host to write to.
    throw faultError({ kind: "memory", message: error instanceof Error ? error.message : String(error) }, who);
  }
}

/**
 * Takes several pieces, and waits until the device has made those that are new. Where memory runs out, what nobody uses is
 * given up for another try.
 *
 * @throws DeviceError when there is no memory, and then none is taken
 */
export async function takeAll(pool: BufferPool, sizes: readonly number[], who: string): Promise<Piece[]> {
  const taken: Piece[] = [];
  try {
    for (const size of sizes) taken.push(await takeOne(pool, size, who));
    return taken;
  } catch (error) {
    taken.forEach((piece) => pool.give(piece));
    throw error;
  }
}

async function takeOne(pool: BufferPool, size: number, who: string): Promise<Piece> {
  const first = pool.take(size, who);
  if (first.fault === null || (await first.fault) === null) return first;
  pool.drop(first);
  await pool.trim();
  const second = pool.take(size, who);
  const fault = await second.fault;
  if (fault === null) return second;
  pool.drop(second);
  throw faultError(fault, `${showBytes(size)} for ${who}`);
}

/** What is wrong with the first piece that could not be made; null where all are sound. */
export async function faultOf(pieces: readonly Piece[]): Promise<Fault | null> {
  for (const { fault } of pieces) {
    const found = fault === null ? null : await fault;
    if (found !== null) return found;
  }
  return null;
}

/** Powers of two and the halves between, 256 bytes at least: a third of a buffer is wasted at most. */
export function sizeClass(bytes: number, most: number): number {
  if (bytes <= 256) return 256;
  const power = 2 ** Math.ceil(Math.log2(bytes));
  return Math.min(bytes <= 0.75 * power ? 0.75 * power : power, Math.max(most, bytes));
}
