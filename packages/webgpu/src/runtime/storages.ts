import { sizeOf, SteelyardError, type Device, type Storage } from "@steelyard/core";
import type { Piece } from "./buffers.ts";
import { deviceBytes } from "./elements.ts";
import { deviceError } from "./faults.ts";
import type { Session } from "./session.ts";

/** Values on a WebGPU device. */
export interface WebGpuStorage extends Storage {
  readonly piece: Piece;
  /** The GPU device that holds it; when that is lost, so are the values. */
  readonly session: Session;
}

/** What a device has stored and not yet given up. */
export interface Storages {
  /** New storage, which owns a piece of memory from now on. */
  store(session: Session, piece: Piece, spec: Pick<Storage, "shape" | "dtype">, owner?: string): WebGpuStorage;
  /** @throws DisposedTensor, or DeviceError when its values were lost with the GPU device that held them */
  requireLive(session: Session, storage: Storage): WebGpuStorage;
  /** Gives the memory back; of what was lost there is none. */
  free(storage: Storage): void;
  /** Forgets all, for they were lost. */
  clear(): void;
  all(): Iterable<Storage>;
}

/** `device` is asked for when the first is stored: it is made of these. */
export function storagesOf(device: () => Device): Storages {
  const live = new Set<WebGpuStorage>();
  return {
    store(session, piece, { shape, dtype }, owner = "result") {
      const bytes = deviceBytes(dtype, sizeOf(shape));
      const storage = { device: device(), shape, dtype, bytes, owner, references: 1, piece, session };
      live.add(storage);
      return storage;
    },
    requireLive(session, storage) {
      const mine = storage as WebGpuStorage;
      if (mine.session !== session) throw lost(storage);
      if (!live.has(mine)) throw disposed(storage);
      return mine;
    },
    free(storage) {
      const mine = storage as WebGpuStorage;
      const { session, piece } = mine;
      const wasLive = live.delete(mine);
      if (!session.isOpen()) return;
      if (!wasLive) throw disposed(storage);
      session.buffers.give(piece);
    },
    clear: () => live.clear(),
    all: () => live,
  };
}

function lost({ owner }: Storage): SteelyardError {
  return deviceError(
    "values that the device holds",
    `those of ${owner}, which were lost with an earlier device`,
    "upload them again, from a checkpoint",
  );
}

function disposed({ owner }: Storage): SteelyardError {
  return new SteelyardError({
    code: "DisposedTensor",
    who: "webgpu",
    needs: "storage that is still live",
    got: `that of ${owner}, which was freed or donated`,
  });
}
