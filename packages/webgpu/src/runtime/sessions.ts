import { openGpu, type AdapterOptions } from "./adapter.ts";
import { deviceError } from "./faults.ts";
import { sessionOf, type Session } from "./session.ts";

/** The GPU devices that a device of ours has had, of which it has one at a time. */
export interface Sessions {
  /** The latest, whether or not it is still there. */
  latest(): Session;
  /** @throws DeviceError when it was lost or closed */
  open(): Session;
  /** Opens another one where the latest was lost; `onLoss` is called before. */
  recover(onLoss: () => void): Promise<void>;
  close(): void;
}

export async function sessionsOf(options: AdapterOptions, limit: number): Promise<Sessions> {
  let latest = sessionOf(await openGpu(options), limit);
  let isClosed = false;
  let recovering: Promise<void> | null = null;

  const requireNotClosed = (): void => {
    if (isClosed) throw deviceError("a device that is open", "one that was closed");
  };
  const reopen = async (onLoss: () => void): Promise<void> => {
    // The given ones are used up.
    const { device: _device, adapter: _adapter, ...others } = options;
    const gpu = await openGpu(others);
    latest.destroy();
    onLoss();
    latest = sessionOf(gpu, limit);
    if (isClosed) latest.destroy();
  };
  return {
    latest: () => latest,
    open() {
      requireNotClosed();
      latest.requireOpen();
      return latest;
    },
    async recover(onLoss) {
      requireNotClosed();
      if (latest.isOpen()) return;
      recovering ??= reopen(onLoss).finally(() => (recovering = null));
      await recovering;
    },
    close() {
      isClosed = true;
      latest.destroy();
    },
  };
}
