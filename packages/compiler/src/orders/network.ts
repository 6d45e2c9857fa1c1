import { isFloat, sizeOf, type DType } from "@steelyard/core";
import { axisIndex, plus, scaled, type Affine } from "../affine.ts";
import type { Expr } from "../ir.ts";
import type { Step } from "../lowered.ts";
import { working } from "../windows/window.ts";
import {
  axesOf,
  call,
  compare,
  constant,
  element,
  hold,
  indexValue,
  loopStep,
  placeIn,
  where,
  type Stored,
  type Work,
} from "./terms.ts";

// Batcher's bitonic sort, for long lines: two sorted halves of a block of M = 2^k become one sorted block when first each
// element of the lower half is compared with its mirror image in the upper half, i with M − 1 − i, and then those at
// distances M/4, M/8, … 1. All comparisons leave the smaller element at the lower place. A kernel does several of these
// steps for the few elements that they bring together, so that a line of 2^K elements takes about K²/6 kernels.
//
// Elements are pairs of a key and a tag, and no two are equal: keys ascend, and of equal keys the tag decides, which is
// the place in the line. NaN takes the largest key and a tag behind all places, what fills a line up to a power of two a
// tag behind those. Lines lie side by side, [place, line].

/** Elements of each block that are brought together, and which of them are compared, one step after another. */
interface Round {
  readonly block: number;
  readonly elements: number;
  /** Whether the upper half of them is the mirror image of the lower one. */
  readonly mirrored: boolean;
  readonly pairs: readonly (readonly [number, number])[];
}

/** Steps of one round. */
const together = 3;

/** The rounds that sort lines of 2^bits elements. */
function roundsOf(bits: number): Round[] {
  const first = Math.min(bits, together);
  const stages = Array.from({ length: first }, (_, stage) => merging(2 ** first, stage + 1));
  const sorted = { block: 2 ** first, elements: 2 ** first, mirrored: true, pairs: stages.flat() };
  const rounds: Round[] = [sorted];
  for (let stage = first + 1; stage <= bits; stage++) {
    // What is left after the first round is a multiple: stages share the rounds below.
    const own = ((stage - 1) % together) + 1;
    const merged = { block: 2 ** stage, elements: 2 ** own, mirrored: true, pairs: merging(2 ** own, own) };
    rounds.push(merged);
    for (let left = stage - own; left > 0; left -= together) {
      const elements = 2 ** together;
      rounds.push({ block: 2 ** left, elements, mirrored: false, pairs: halving(elements, together) });
    }
  }
  return rounds;
}

/** Mirror images in blocks of 2^bits among so many elements, then halves, quarters … of the blocks. */
function merging(elements: number, bits: number): (readonly [number, number])[] {
  const block = 2 ** bits;
  const mirrored = pairsOf(elements, block / 2, (i) => i - (i % block) + block - 1 - (i % block));
  return [...mirrored, ...halving(elements, bits - 1)];
}

function halving(elements: number, bits: number): (readonly [number, number])[] {
  return Array.from({ length: bits }, (_, step) => 2 ** (bits - 1 - step)).flatMap((distance) =>
    pairsOf(elements, distance, (i) => i + distance),
  );
}

/** Pairs of those elements that are in the lower half of their block with another one. */
function pairsOf(elements: number, half: number, other: (i: number) => number): (readonly [number, number])[] {
  const all = Array.from({ length: elements }, (_, i) => i);
  return all.filter((i) => i % (2 * half) < half).map((i) => [i, other(i)] as const);
}

/** Elements in memory: keys and tags, each [places, lines]. */
interface Pairs {
  readonly keys: Stored;
  readonly tags: Stored;
}

/** Sorts by a network of comparisons. */
export function argSortByNetwork(work: Work, x: Stored, axis: number, descending: boolean, out: Stored): void {
  const { shape } = x.view;
  const n = shape[axis]!;
  const bits = Math.ceil(Math.log2(n));
  const places = 2 ** bits;
  const sizes = [places, sizeOf(shape) / n];
  const dtype = working(x.dtype);
  const pairs = (): Pairs => ({ keys: hold(work, sizes, dtype), tags: hold(work, sizes, "i32") });
  let [from, to] = [pairs(), pairs()];
  fill(work, x, axis, descending, from);
  for (const round of roundsOf(bits)) {
    work.steps.push(roundStep(round, from, to));
    [from, to] = [to, from];
  }
  const rank = shape.length;
  const axes = axesOf(rank);
  const tag = element(0, alongLines(from.tags, shape, axis), axes, rank);
  const wrapped = where(compare("less", tag, constant(places)), tag, call("sub", tag, constant(places)));
  work.steps.push(
    loopStep("argSort", { space: shape }, [from.tags], [{ to: out, at: placeIn(out, axes, rank), expr: wrapped }]),
  );
}

/** What lies as [places, lines], by the indices of the tensor that is sorted. */
function alongLines(pairs: Stored, shape: readonly number[], axis: number): Stored {
  const others = shape.with(axis, 1);
  const lines = sizeOf(others);
  const steps = others.map((_, i) => (i === axis ? lines : sizeOf(others.slice(i + 1))));
  return { ...pairs, view: { shape, start: 0, steps } };
}

/** The keys and tags of the elements where they are, and of what fills the lines. */
function fill(work: Work, x: Stored, axis: number, descending: boolean, to: Pairs): void {
  const n = x.view.shape[axis]!;
  const places = to.keys.view.shape[0]!;
  const space = x.view.shape.with(axis, places);
  const rank = space.length;
  const axes = axesOf(rank);
  const here = axes[axis]!;
  const { dtype } = to.keys;
  const behind = constant(largest(dtype), dtype);
  const place = indexValue(here);
  const value = element(0, x, axes, rank);
  const ascending = descending ? reversed(value) : value;
  const isNumber = compare("equal", value, value);
  const float = isFloat(dtype);
  const key = float ? where(isNumber, ascending, behind) : ascending;
  const tag = float ? where(isNumber, place, call("add", place, constant(places))) : place;
  const inside = (inner: Expr, otherwise: Expr): Expr => {
    if (n === places) return inner;
    return { kind: "guarded", dtype: inner.dtype, guards: [{ index: here, size: n }], value: inner, otherwise };
  };
  const at = (pairs: Stored): Affine => placeIn(alongLines(pairs, space, axis), axes, rank);
  const filler = call("add", place, constant(2 * places));
  work.steps.push(
    loopStep(
      "keys of argSort",
      { space },
      [x],
      [
        { to: to.keys, at: at(to.keys), expr: inside(key, behind) },
        { to: to.tags, at: at(to.tags), expr: inside(tag, filler) },
      ],
    ),
  );
}

/** In the opposite order; −x of a whole number may not be there, but all its bits turned are. */
function reversed(value: Expr): Expr {
  return { kind: "call", dtype: value.dtype, name: isFloat(value.dtype) ? "neg" : "not", args: [value] };
}

function largest(dtype: DType): number {
  if (dtype === "i32") return 0x7fffffff;
  return dtype === "u32" ? 0xffffffff : Infinity;
}

interface Pair {
  readonly key: Expr;
  readonly tag: Expr;
}

function roundStep({ block, elements, mirrored, pairs }: Round, from: Pairs, to: Pairs): Step {
  const [places, lines] = from.keys.view.shape as readonly [number, number];
  const distance = block / elements;
  const [first, beside, line] = [0, 1, 2].map((axis) => axisIndex(axis, 3)) as [Affine, Affine, Affine];
  const at = Array.from({ length: elements }, (_, i): Affine => {
    const isMirrored = mirrored && 2 * i >= elements;
    const inside = isMirrored ? scaled(beside, -1, distance * (i + 1) - 1) : scaled(beside, 1, distance * i);
    return plus(scaled(plus(scaled(first, block), inside), lines), line);
  });
  const held = at.map((place): Pair => {
    return {
      key: { kind: "load", dtype: from.keys.dtype, buffer: 0, at: place },
      tag: { kind: "load", dtype: "i32", buffer: 1, at: place },
    };
  });
  for (const [i, j] of pairs) [held[i], held[j]] = inOrder(held[i]!, held[j]!);
  const name = `${mirrored && block > elements ? "merge" : "sort"} ${elements} in ${block}`;
  return loopStep(
    name,
    { space: [places / block, distance, lines] },
    [from.keys, from.tags],
    [
      ...held.map(({ key }, i) => ({ to: to.keys, at: at[i]!, expr: key })),
      ...held.map(({ tag }, i) => ({ to: to.tags, at: at[i]!, expr: tag })),
    ],
  );
}

function inOrder(a: Pair, b: Pair): [Pair, Pair] {
  const isTie = call("and", compare("equal", b.key, a.key), compare("less", b.tag, a.tag));
  const swaps = call("or", compare("less", b.key, a.key), isTie);
  return [
    { key: where(swaps, b.key, a.key), tag: where(swaps, b.tag, a.tag) },
    { key: where(swaps, a.key, b.key), tag: where(swaps, a.tag, b.tag) },
  ];
}
