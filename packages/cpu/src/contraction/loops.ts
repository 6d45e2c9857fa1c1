import { i32, select, types, whileLoop, type Code, type Local, type Locals } from "../assembler/assembler.ts";

// Indices, ranges and addresses: what the loops around the tiles are made of.

/** `total` things in `count` parts whose sizes differ by at most one: the first `larger` parts hold size + 1. */
export interface Parts {
  readonly count: number;
  readonly size: number;
  readonly larger: number;
}

export function partsOf(total: number, count: number): Parts {
  return count === 0
    ? { count, size: 0, larger: 0 }
    : { count, size: Math.floor(total / count), larger: total % count };
}

/** Where the part of this index begins: index · size + min(index, larger). */
export function startOf(index: Code, { size, larger }: Parts): Code {
  const start = size === 1 ? index : i32.mul(index, i32.const(size));
  return larger === 0 ? start : i32.add(start, minimum(index, i32.const(larger)));
}

/** The smaller of two unsigned numbers; both codes are used twice. */
export function minimum(a: Code, b: Code): Code {
  return select(a, b, i32.ltU(a, b));
}

export function maximum(a: Code, b: Code): Code {
  return select(a, b, i32.gtU(a, b));
}

/** for (i = from; i < to; i++), unsigned. */
export function forRange(i: Local, from: Code, to: Code, body: Code): Code {
  return [i.set(from), whileLoop(i32.ltU(i.get, to), [body, i.set(i32.add(i.get, i32.const(1)))])];
}

/** Runs over one part of `total` things. */
export function forPart(locals: Locals, part: Local, parts: Parts, body: (index: Local) => Code): Code {
  const [index, end] = [locals.add(types.i32), locals.add(types.i32)];
  return [
    end.set(startOf(i32.add(part.get, i32.const(1)), parts)),
    forRange(index, startOf(part.get, parts), end.get, body(index)),
  ];
}

/** The indices along axes of these sizes of the element at a position, the last axis fastest. */
export function unravel(locals: Locals, position: Local, sizes: readonly number[]): { code: Code; indices: Local[] } {
  const indices = sizes.map(() => locals.add(types.i32));
  let inner = 1;
  const code: Code[] = [];
  for (const [axis, size] of [...sizes.entries()].toReversed()) {
    const whole = inner === 1 ? position.get : i32.divU(position.get, i32.const(inner));
    code.push(indices[axis]!.set(axis === 0 ? whole : i32.remU(whole, i32.const(size))));
    inner *= size;
  }
  return { code, indices };
}

/** An index, and how many bytes each of several addresses moves with it. */
export interface Move {
  readonly index: Local;
  readonly steps: readonly number[];
}

/** The addresses after these moves; those that do not move stay what they are. */
export function moved(
  locals: Locals,
  addresses: readonly Code[],
  moves: readonly Move[],
): { code: Code; addresses: Code[] } {
  const code: Code[] = [];
  const after = addresses.map((address, i) => {
    const terms = moves.filter(({ steps }) => steps[i] !== 0);
    if (terms.length === 0) return address;
    const next = locals.add(types.i32);
    const sum = terms.reduce((whole: Code, { index, steps }) => {
      return i32.add(whole, i32.mul(index.get, i32.const(steps[i]!)));
    }, address);
    code.push(next.set(sum));
    return next.get;
  });
  return { code, addresses: after };
}
