import { invariant, type DType } from "@steelyard/core";
import type { Kernel, LoopKernel } from "../ir.ts";
import type { Scratch } from "../lowered.ts";

/** What a device can bind to one kernel: so many windows of so many elements. */
export interface Room {
  readonly elements: number;
  readonly buffers: number;
}

/** Windows begin at multiples of this many elements, 256 bytes: WebGPU's alignment of what is bound. */
export const alignment = 64;

/**
 * The least that a window may hold: then an element and all that stand beside it because of the alignment fit, and a window
 * of partial results holds enough of them for fewer to come out.
 */
const leastElements = 2 * alignment;

/** Elements `from` to `to` of a buffer, the last one excluded. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** A part of a kernel's work. Its indices count from the beginnings of its windows. */
export interface Piece {
  readonly kernel: Kernel;
  /** Positions in the list of the kernel that was cut, or behind those, of the scratch. One may be read through several windows. */
  readonly buffers: readonly number[];
  /** What it touches of each. */
  readonly windows: readonly Window[];
}

/** A buffer of the kernel that is cut, or scratch. */
type Held = Scratch;

/** A kernel on its way to pieces: what there is, and what has come of it so far. */
export interface Cutting {
  readonly room: Room;
  /** The dtypes of the kernel's runtime numbers; a piece has all of them, or none. */
  readonly numbers: readonly DType[];
  /** The kernel's own buffers, then scratch. While it is cut, expressions name buffers by their place in this list. */
  readonly held: Held[];
  readonly pieces: Piece[];
}

/** A loop while it is cut: its buffers are places in `held`. */
export type Loop = Pick<LoopKernel, "name" | "space" | "reduced" | "accumulators" | "stores">;

export function cuttingOf(kernel: Kernel, sizes: readonly number[], room: Room): Cutting {
  invariant(room.elements >= leastElements, `a window has ${leastElements} elements or more`);
  const held = kernel.buffers.map((dtype, i) => ({ elements: sizes[i]!, dtype }));
  return { room, numbers: kernel.numbers, held, pieces: [] };
}

/** New scratch memory, as its place in `held`. */
export function addScratch({ held }: Cutting, elements: number, dtype: DType): number {
  return held.push({ elements, dtype }) - 1;
}
