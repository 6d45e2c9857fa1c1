import { i32, v128, type Code, type Local } from "../assembler/assembler.ts";

// The revectorizer looks for pairs of stores to neighbouring places, and fuses what leads to them. The last vectors of a
// row of C may be stored by single lanes, which are no pair. They are then stored once more, whole, to a place that nobody
// ever reads: the last 4 KiB below the first 64 KiB of memory, where no data are. Each chunk has a cache line of its own
// there, lest threads wait for one another.
const place = { address: 0xf000, lines: 64, bytes: 64 };

/** The address of the line of a chunk. */
export function scrapLine(chunk: Code): Code {
  const line = i32.and(chunk, i32.const(place.lines - 1));
  return i32.add(i32.mul(line, i32.const(place.bytes)), i32.const(place.address));
}

export function scrapStores(line: Code, pair: readonly Local[]): Code {
  return pair.map(({ get }, i) => v128.store(line, get, 16 * i));
}
