import { hostArray, type DType, type HostArray } from "@steelyard/core";
import { faultOf, type Piece } from "./buffers.ts";
import { decoded, deviceBytes, encoded, encodeInto } from "./elements.ts";
import { faultError, watched } from "./faults.ts";
import { mapForReading } from "./flags.ts";
import type { Session } from "./session.ts";

/** Values in device memory. */
export interface Stored {
  readonly piece: Piece;
  readonly dtype: DType;
  readonly elements: number;
}

/**
 * Copies of values on the host, as they are when all commands given so far have run. One submit, whatever their number.
 *
 * @throws DeviceError when the device is lost meanwhile
 */
export async function readBack(session: Session, values: readonly Stored[], who: string): Promise<HostArray[]> {
  const { device } = session.gpu;
  const sizes = values.map(({ dtype, elements }) => deviceBytes(dtype, elements));
  const taken: Piece[] = [];
  try {
    const { result: mapped, fault } = watched(device, () => {
      sizes.forEach((size) => taken.push(session.staging.take(size, who)));
      const encoder = device.createCommandEncoder();
      taken.forEach(({ buffer }, i) => {
        if (sizes[i]! > 0) encoder.copyBufferToBuffer(values[i]!.piece.buffer, 0, buffer, 0, sizes[i]);
      });
      device.queue.submit([encoder.finish()]);
      return Promise.all(
        taken.map(async ({ buffer }, i) => sizes[i]! > 0 && buffer.mapAsync(mapForReading, 0, sizes[i])),
      );
    });
    // Whatever was wrong with the commands says more than that the mapping failed.
    mapped.catch(() => undefined);
    const found = (await faultOf(taken)) ?? (await fault);
    session.requireOpen();
    if (found !== null) throw faultError(found, who);
    await mapped;
    session.requireOpen();
    return taken.map(({ buffer }, i) => {
      const { dtype, elements } = values[i]!;
      if (elements === 0) return hostArray(dtype, 0);
      const copy = decoded(dtype, buffer.getMappedRange(0, sizes[i]), elements);
      buffer.unmap();
      return copy;
    });
  } catch (error) {
    // The mapping is rejected because the device was lost: that is what the caller should hear.
    session.requireOpen();
    throw error;
  } finally {
    taken.forEach((piece) => giveBack(session, piece));
  }
}

/** One that is still waiting to be mapped, or could not be made, is no good to the next reader. */
function giveBack({ staging }: Session, piece: Piece): void {
  if (piece.buffer.mapState === "unmapped" && piece.fault === null) staging.give(piece);
  else staging.drop(piece);
}

/** Memory with values in it, in use at once: what is submitted later sees them. */
export function placed(session: Session, values: ArrayLike<number>, dtype: DType, who: string): Piece {
  const bytes = deviceBytes(dtype, values.length);
  const free = session.buffers.takeFree(bytes);
  if (free !== null) {
    write(session, free, values, dtype);
    return free;
  }
  const fresh = session.buffers.takeMapped(bytes, who);
  // Mapped ranges are whole words of 8 bytes.
  encodeInto(dtype, fresh.buffer.getMappedRange(0, Math.ceil(bytes / 8) * 8), values);
  fresh.buffer.unmap();
  return fresh;
}

/** Writes values over what is there. */
export function write({ gpu }: Session, { buffer }: Piece, values: ArrayLike<number>, dtype: DType): void {
  if (values.length > 0) gpu.device.queue.writeBuffer(buffer, 0, encoded(dtype, values));
}
