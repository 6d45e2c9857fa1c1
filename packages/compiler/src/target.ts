/** What a device wants of contractions, and what it has room for. */
export interface Target {
  /** Columns of one panel of B, and of one register tile. */
  readonly columns: number;
  /** Whether B is copied into panels; otherwise it is read where it lies. */
  readonly panels: boolean;
  /** The most buffers that one kernel may read and write, four at least; left out, there is no such limit. */
  readonly buffers?: number;
  /**
   * The most elements of one buffer that a kernel may touch, 128 at least; left out, there is no such limit. What a kernel
   * touches of a larger buffer begins at its offset, a multiple of 64.
   */
  readonly window?: number;
  /**
   * Whether a command of the host stalls the device, as reading back from a GPU does: kernels are then used where the host
   * would be quicker. Left out, they are not.
   */
  readonly hostStalls?: boolean;
  /**
   * How sums are cut into parts, of so many terms at least, where there are fewer than so many tiles of so many elements of
   * C: what keeps all units of a GPU busy. Left out, a few threads are to be.
   */
  readonly spread?: { readonly tiles: number; readonly elements: number; readonly terms: number };
  /** Allows Winograd's transforms for convolutions of 3 × 3 taps where they are quicker; left out, none are used. */
  readonly winograd?: WinogradTarget;
}

/** What decides where Winograd's transforms are used, and how. */
export interface WinogradTarget {
  /**
   * While one channel of one tile, 6 × 6 values, is transformed and stored or read again, a contraction does so many
   * operations.
   */
  readonly cost: number;
  /** The most elements that are transformed before they are multiplied: what the caches hold, all threads together. */
  readonly resident: number;
}
