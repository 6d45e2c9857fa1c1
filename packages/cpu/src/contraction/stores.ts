import { f32x4, i32, types, v128, type Code, type Local, type Locals } from "../assembler/assembler.ts";

// V8's revectorizer looks for pairs of stores to neighbouring places, and fuses what leads to them. Rows of C are stored so
// that it finds the pairs we mean, and no others.

/** A row of C: its vectors, of which the last may be stored in part. */
interface Row {
  readonly values: readonly Local[];
  readonly columns: number;
  /** From the address of C, in bytes. */
  readonly offset: number;
}

/** How a tile stores its rows. */
export interface RowStores {
  /** Code before the first store. */
  readonly start: Code;
  row(row: Row, index: number): Code;
}

export function rowStores(locals: Locals, address: Local, scrap: Local, paired: boolean, vectors: number): RowStores {
  // A vector without a neighbour is stored from an address of its own: where rows follow each other without a gap, it
  // would be taken for the neighbour of the next row's first.
  const single = paired && vectors % 2 === 1;
  const apart = single ? locals.add(types.i32) : address;
  const shift = single ? 16 * (vectors - 1) : 0;
  return {
    start: single ? apart.set(i32.add(address.get, i32.const(shift))) : [],
    row({ values, columns, offset }, index) {
      const partial = columns % 4 !== 0;
      const detour = paired && !single && partial ? throughScrap(locals, scrap, values.slice(-2), index) : [];
      const stores = values.map(({ get }, j) => {
        const last = single && j === vectors - 1;
        const at = offset + 16 * j - (last ? shift : 0);
        return storeLanes(last ? apart.get : address.get, get, at, Math.min(4, columns - 4 * j));
      });
      return [detour, stores];
    },
  };
}

/** Stores the first `lanes` of a vector. */
function storeLanes(address: Code, value: Code, offset: number, lanes: number): Code {
  if (lanes === 4) return v128.store(address, value, offset);
  const two = lanes >= 2 ? v128.store64Lane(address, value, 0, offset) : [];
  const one = lanes === 2 ? [] : v128.store32Lane(address, value, lanes - 1, offset + 4 * (lanes - 1));
  return [two, one];
}

// The last 4 KiB below the first 64 KiB of memory, where no data are. Neighbouring chunks use different parts of it, lest
// threads wait for one another.
const place = { address: 0xf000, parts: 8, bytes: 512 };

/** The address of the scrap of a chunk. */
export function scrapOf(chunk: Code): Code {
  const part = i32.and(chunk, i32.const(place.parts - 1));
  return i32.add(i32.mul(part, i32.const(place.bytes)), i32.const(place.address));
}

/**
 * The last vector of a row may be stored by single lanes, which are no pair. It is first stored whole, next to the vector
 * before it, to a place that nobody ever reads. Each row has a place of its own: of two stores to one place the
 * revectorizer sees one. And both are multiplied by 1, so that the half that is stored by lanes is taken from a value of
 * its own: V8 would else take it from the sum in every turn of the loop over k.
 */
function throughScrap(locals: Locals, scrap: Local, pair: readonly Local[], index: number): Code {
  const one = locals.constant(f32x4.const(1, 1, 1, 1));
  return [
    pair.map((value) => value.set(f32x4.mul(value.get, one))),
    pair.map(({ get }, i) => v128.store(scrap.get, get, 32 * index + 16 * i)),
  ];
}
