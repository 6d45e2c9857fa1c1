import type { Affine, Store } from "@steelyard/compiler";
import { i32, i32x4, i8x16, select, v128, type Code } from "../assembler/assembler.ts";
import type { Position } from "./nest.ts";
import { keep, keepWord, nth, positionOf, stepsOf, type Scope, type Vectors } from "./scope.ts";

// Vectors in and out of memory. Lanes that lie side by side take one access (upside down: one and a shuffle), a place that
// does not move is loaded into all lanes, and any other step takes an access for each lane that counts.

/** Loads a place, as the four bytes of each element. */
export function loaded(scope: Scope, buffer: number, at: Affine): Vectors {
  const { turn, mask } = scope;
  const { lane, vector } = stepsOf(at, turn);
  const position = positionOf(scope, { buffer, at });
  if (mask === null && lane !== 0 && lane !== 1 && vector === 1 && turn.lanes === 4 && turn.vectors % 4 === 0) {
    return transposed(scope, position, lane);
  }
  const count = Math.max(lane === 0 && vector === 0 ? 1 : turn.vectors, mask?.length ?? 1);
  return Array.from({ length: count }, (_, j) => {
    const address = moved(position, 4 * j * vector);
    if (mask === null) return keep(scope, vectorAt(scope, address, lane, turn.lanes));
    return keep(scope, maskedVector(scope, address, lane, nth(mask, j), buffer));
  });
}

/** So many bytes further on. */
function moved({ base, offset }: Position, bytes: number): Position {
  const from = offset + bytes;
  return from < 0 ? { base: i32.add(base, i32.const(from)), offset: 0 } : { base, offset: from };
}

function vectorAt(scope: Scope, { base, offset }: Position, step: number, lanes: number): Code {
  if (step === 0) return v128.load32Splat(base, offset);
  if (step === 1) return v128.load(base, offset);
  if (step === -1) return reversed(scope, v128.load(i32.add(base, i32.const(offset - 12))));
  let vector = v128.load32Zero(base, offset);
  for (let k = 1; k < lanes; k++) {
    const at = moved({ base, offset }, 4 * k * step);
    vector = v128.load32Lane(at.base, vector, k, at.offset);
  }
  return vector;
}

/**
 * Where the mask is off nothing far outside is touched: the start of the buffer is read in place of what is asked for.
 * Lanes side by side are all near the buffer if one of them is in it.
 */
function maskedVector(scope: Scope, { base, offset }: Position, step: number, mask: Code, buffer: number): Code {
  const start = scope.emitter.buffers[buffer]!.get;
  const address = keepWord(scope, i32.add(base, i32.const(offset)));
  if (Math.abs(step) <= 1) {
    return vectorAt(scope, { base: select(address, start, v128.anyTrue(mask)), offset: 0 }, step, 4);
  }
  const addresses = Array.from({ length: scope.turn.lanes }, (_, k) => {
    return select(i32.add(address, i32.const(4 * k * step)), start, i32x4.extractLane(mask, k));
  });
  return gathered(addresses);
}

/** One element from each address, in the first lanes. */
export function gathered(addresses: readonly Code[]): Code {
  const [first, ...others] = addresses;
  return others.reduce((vector, address, k) => v128.load32Lane(address, vector, k + 1), v128.load32Zero(first!));
}

// Four by four elements whose rows lie side by side along the vectors' axis, where lanes are wanted along the other:
//   a0 a1 a2 a3                a0 b0 a1 b1            a0 b0 c0 d0
//   b0 b1 b2 b3   interleave   a2 b2 a3 b3   pair up  a1 b1 c1 d1
//   c0 c1 c2 c3  ───────────▶  c0 d0 c1 d1  ────────▶ a2 b2 c2 d2
//   d0 d1 d2 d3                c2 d2 c3 d3            a3 b3 c3 d3
function transposed(scope: Scope, position: Position, step: number): Vectors {
  return Array.from({ length: scope.turn.vectors / 4 }, (_, block) => {
    const rows = [0, 1, 2, 3].map((k) => {
      const { base, offset } = moved(position, 4 * k * step);
      return keep(scope, v128.load(base, offset + 16 * block));
    });
    const [a, b, c, d] = rows as [Code, Code, Code, Code];
    const interleaved = (x: Code, y: Code): [Code, Code] => [
      keep(scope, words(x, y, 0, 4, 1, 5)),
      keep(scope, words(x, y, 2, 6, 3, 7)),
    ];
    const [ab, AB] = interleaved(a, b);
    const [cd, CD] = interleaved(c, d);
    return [words(ab, cd, 0, 1, 4, 5), words(ab, cd, 2, 3, 6, 7), words(AB, CD, 0, 1, 4, 5), words(AB, CD, 2, 3, 6, 7)];
  })
    .flat()
    .map((vector) => keep(scope, vector));
}

/** Four words of x (0 … 3) and y (4 … 7). */
export function words(x: Code, y: Code, ...order: readonly number[]): Code {
  return i8x16.shuffle(
    x,
    y,
    order.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte)),
  );
}

function reversed(scope: Scope, vector: Code): Code {
  const forwards = keep(scope, vector);
  return words(forwards, forwards, 3, 2, 1, 0);
}

/** Stores the lanes that count. */
export function stored(scope: Scope, { buffer, at }: Store, values: Vectors): void {
  const { turn, code } = scope;
  const { lane, vector } = stepsOf(at, turn);
  const position = positionOf(scope, { buffer, at });
  const back = lane === -1 && turn.lanes === 4;
  const ordered = back ? values.map((value) => reversed(scope, value)) : values;
  for (let j = 0; j < turn.vectors; j++) {
    const address = moved(position, 4 * j * vector - (back ? 12 : 0));
    code.push(storeVector(address, nth(ordered, j), back ? 1 : lane, turn.lanes));
  }
}

function storeVector({ base, offset }: Position, value: Code, step: number, lanes: number): Code {
  if (step === 1 && lanes === 4) return v128.store(base, value, offset);
  const pair = step === 1 && lanes >= 2 ? v128.store64Lane(base, value, 0, offset) : [];
  const singles = Array.from({ length: lanes }, (_, k) => k).slice(pair.length > 0 ? 2 : 0);
  return [
    pair,
    singles.map((k) => {
      const at = moved({ base, offset }, 4 * k * step);
      return v128.store32Lane(at.base, value, k, at.offset);
    }),
  ];
}
