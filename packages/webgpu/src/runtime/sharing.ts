import type { Plan } from "@steelyard/compiler";
import { deviceBytes } from "./elements.ts";

/** The memory of a plan's intermediate values. */
export interface Sharing {
  /** Sizes of the pieces of memory that a run needs. */
  readonly bytes: readonly number[];
  /** For each buffer of the plan its piece; null where it is bound, an output, or never touched. */
  readonly pieceOf: readonly (number | null)[];
}

interface Lifetime {
  readonly first: number;
  readonly last: number;
}

/**
 * Lets intermediate values that are not in use at the same time have the same memory, one after another. A buffer of the
 * GPU is all read or all written within one kernel, so values cannot share one as pieces of an arena; they take turns.
 * The largest choose first, so a piece is as large as its first owner; of several that are free all the time a value needs
 * it, it takes the smallest, which is the one of its own size where there is one (Pisarchyk and Lee 2020, "greedy by size").
 */
export function shareMemory({ buffers, commands }: Plan): Sharing {
  const lifetimes = lifetimesOf(commands, buffers.length);
  const bytes: number[] = [];
  const tenants: Lifetime[][] = [];
  const pieceOf = new Array<number | null>(buffers.length).fill(null);
  const sizes = buffers.map(({ dtype, elements }) => deviceBytes(dtype, elements));
  const order = buffers
    .flatMap(({ place }, i) => (place.kind === "arena" && lifetimes[i] !== null ? [i] : []))
    .toSorted((a, b) => sizes[b]! - sizes[a]! || a - b);
  for (const i of order) {
    const { first, last } = lifetimes[i]!;
    // Pieces are in falling order of size.
    const free = tenants.findLastIndex((others) => others.every((other) => other.last < first || other.first > last));
    const piece = free >= 0 ? free : bytes.push(sizes[i]!) - 1;
    (tenants[piece] ??= []).push({ first, last });
    pieceOf[i] = piece;
  }
  return { bytes, pieceOf };
}

/** For each buffer the first and last command that touches it; null for one that none does. */
function lifetimesOf(commands: Plan["commands"], count: number): (Lifetime | null)[] {
  const lifetimes = new Array<Lifetime | null>(count).fill(null);
  commands.forEach((command, at) => {
    const touched = command.kind === "kernel" ? command.buffers : [...command.inputs, command.output];
    for (const buffer of touched) lifetimes[buffer] = { first: lifetimes[buffer]?.first ?? at, last: at };
  });
  return lifetimes;
}
