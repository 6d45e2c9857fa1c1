import type { RandomStream } from "./renderer/randomness.ts";
import type { RenderedFaces } from "./renderer/rendered-faces.ts";
import { dataError, wholeNumber } from "./data-error.ts";
import { randomStream } from "./renderer/randomness.ts";

/** Pairs of images for verification: is it the same person? `first` and `second` index the set of faces. */
export interface FacePairs {
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** 1 for two images of one person, 0 for two people. */
  readonly same: Uint8Array;
  /** The fold of each pair; no person occurs in two folds. */
  readonly fold: Int32Array;
  readonly folds: number;
}

export interface FacePairsOptions {
  /** Default 10, as in LFW; each fold needs two people of its own. */
  readonly folds?: number;
  /** Pairs of one person per fold, and as many of two people; default 300. */
  readonly pairsPerFold?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Compare a neutral face with an expressive one: verification across expressions. Default false: any two images. */
  readonly neutralReference?: boolean;
}

type Pair = readonly [first: number, second: number];

/**
 * Draws verification pairs, half of them genuine, in folds of disjoint people. Use it on the unseen people of a split.
 *
 * Source: the protocol of Labeled Faces in the Wild, view 2 (Huang et al. 2007).
 *
 * @throws DataError when a fold has fewer than two people, or too few images for so many different pairs
 */
export function facePairs(faces: RenderedFaces, options: FacePairsOptions = {}): FacePairs {
  const { folds = 10, pairsPerFold = 300, seed = 0, neutralReference = false } = options;
  wholeNumber("facePairs", "folds", folds, 1, "LFW has ten");
  wholeNumber("facePairs", "pairsPerFold", pairsPerFold, 1, "LFW has 300");
  const people = [...new Set(faces.trueIdentity)].toSorted((a, b) => a - b);
  if (people.length < 2 * folds) {
    throw dataError(
      "facePairs",
      `two people for each of ${folds} folds`,
      `${people.length} people`,
      "add people or lower folds",
    );
  }
  const neutral = faces.expressions.indexOf("neutral");
  const fits = ([a, b]: Pair): boolean =>
    !neutralReference || (faces.trueExpression[a] === neutral && faces.trueExpression[b] !== neutral);
  const pairs: Pair[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const members = new Set(people.filter((_, rank) => rank % folds === fold));
    const images = [...faces.trueIdentity.keys()].filter((i) => members.has(faces.trueIdentity[i] ?? -1));
    const random = randomStream(seed, "pairs", fold);
    for (const same of [true, false]) {
      const wanted = (pair: Pair): boolean => fits(pair) && sameFace(faces, pair) === same;
      pairs.push(...draw(images, pairsPerFold, random, wanted));
    }
  }
  return {
    first: Int32Array.from(pairs, ([a]) => a),
    second: Int32Array.from(pairs, ([, b]) => b),
    same: Uint8Array.from(pairs, (pair) => Number(sameFace(faces, pair))),
    fold: Int32Array.from(pairs, (_, i) => Math.floor(i / (2 * pairsPerFold))),
    folds,
  };
}

/**
 * The pairs as text in LFW's format: a line `folds<TAB>pairs per fold`, then per fold the genuine pairs `name i j` and the
 * others `name i name j`, separated by tabs. People are called `person_0007` and their images numbered from 1.
 */
export function formatFacePairs({ first, second, same, folds }: FacePairs, faces: RenderedFaces): string {
  const name = (i: number): string => `person_${String(faces.trueIdentity[i]).padStart(4, "0")}`;
  const numbers = imageNumbers(faces);
  const lines = Array.from(first, (a, i) => {
    const b = second[i] ?? a;
    const ending = same[i] === 1 ? [numbers[b]] : [name(b), numbers[b]];
    return [name(a), numbers[a], ...ending].join("\t");
  });
  return `${[`${folds}\t${first.length / folds / 2}`, ...lines].join("\n")}\n`;
}

/** Different pairs that satisfy `wanted`, drawn by rejection. */
function draw(
  images: readonly number[],
  count: number,
  random: RandomStream,
  wanted: (pair: Pair) => boolean,
): readonly Pair[] {
  const drawn = new Map<string, Pair>();
  // A genuine pair of one in dozens of people that is also neutral against expressive turns up once in a few hundred draws.
  for (let attempt = 0; attempt < 5000 + 2000 * count && drawn.size < count; attempt++) {
    const pair: Pair = [images[random.integer(images.length)] ?? -1, images[random.integer(images.length)] ?? -1];
    if (pair[0] === pair[1] || !wanted(pair)) continue;
    drawn.set(pair.toSorted((a, b) => a - b).join(), pair);
  }
  if (drawn.size < count) {
    throw dataError(
      "facePairs",
      `${count} different pairs of a kind in each fold`,
      `${drawn.size}`,
      "add images or lower pairsPerFold",
    );
  }
  return [...drawn.values()];
}

function sameFace({ trueIdentity }: RenderedFaces, [a, b]: Pair): boolean {
  return trueIdentity[a] === trueIdentity[b];
}

/** For each image, the how-manieth of its person it is in this set, from 1. */
function imageNumbers({ trueIdentity }: RenderedFaces): Int32Array {
  const seen = new Map<number, number>();
  return trueIdentity.map((person) => {
    const number = (seen.get(person) ?? 0) + 1;
    seen.set(person, number);
    return number;
  });
}
