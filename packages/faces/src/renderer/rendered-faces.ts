import type { Expression } from "../expressions.ts";
import type { Difficulty, DifficultyOptions, DifficultyPreset } from "./difficulty.ts";
import type { Identity } from "./identity.ts";
import { dataError, wholeNumber } from "../data-error.ts";
import { inCanonicalOrder, sevenExpressions } from "../expressions.ts";
import { difficulty, difficultyPresets } from "./difficulty.ts";
import { drawPopulation } from "./identity.ts";
import { createCanvas } from "./raster.ts";
import { randomStream } from "./randomness.ts";
import { renderFace } from "./render.ts";

export interface RenderedFacesOptions {
  /** A safe integer; default 0. */
  readonly seed?: number;
  /** How many people; default 24. */
  readonly identities?: number;
  /** Default the seven of `sevenExpressions`; labels index this list in canonical order. */
  readonly expressions?: readonly Expression[];
  /** Images per person; default 70. The expressions take turns, so each gets its equal share. */
  readonly samplesPerIdentity?: number;
  /** Width and height in pixels, at least 8; default 32. */
  readonly size?: number;
  /** Default `balanced`. */
  readonly preset?: DifficultyPreset;
  /** Knobs turned away from the preset. */
  readonly difficulty?: DifficultyOptions;
}

/** Images with both labels: `images` `[N, S, S, 3]` in 0..1, `identity` and `expression` `[N]`. */
export interface FaceBatch {
  readonly images: Float32Array;
  readonly identity: Int32Array;
  readonly expression: Int32Array;
}

/** A set of rendered faces. Labels exist at once; an image exists when it is asked for. */
export interface RenderedFaces {
  readonly count: number;
  readonly size: number;
  /** The people, by identity label. */
  readonly people: readonly Identity[];
  /** The class names of the expression task, in canonical order. */
  readonly expressions: readonly Expression[];
  readonly difficulty: Difficulty;
  /** The labels given to a learner, label noise included: `[N]`. */
  readonly identity: Int32Array;
  readonly expression: Int32Array;
  /** What the images really show: `[N]`. */
  readonly trueIdentity: Int32Array;
  readonly trueExpression: Int32Array;
  /** All images, `[N, S, S, 3]` in 0..1: rendered on first use, then kept. */
  readonly images: Float32Array;
  /** One image, `[S, S, 3]`: the same bits as its place in `images` or in any batch. */
  image(index: number): Float32Array;
  /** Some images with their labels, in the order of the indices. */
  batch(indices: ArrayLike<number>): FaceBatch;
  /** The same faces, fewer of them, in the order of the indices; people and class names stay. */
  subset(indices: ArrayLike<number>): RenderedFaces;
}

/** One face to be: who shows what, the how-manieth image of that person. */
interface Sample {
  readonly person: number;
  readonly sample: number;
  readonly expression: number;
}

/** What all subsets of one set share. */
interface Source {
  readonly seed: number;
  readonly size: number;
  readonly people: readonly Identity[];
  /** How many of them, from the first, a learner gets to know: label noise takes one of these for another of these. */
  readonly known: number;
  readonly expressions: readonly Expression[];
  readonly difficulty: Difficulty;
}

/**
 * Stylised faces with exact labels of identity and expression, drawn from nothing but numbers.
 *
 * Image `i` shows person `⌊i / samplesPerIdentity⌋`. It depends on the seed, the person, the sample and the knobs alone: more
 * people, more samples or another order leave it as it is, and it is the same bit for bit on every machine.
 * The faces are controlled, not realistic: results on them say nothing about results on photographs.
 *
 * Cost: under 1 ms for an image of 32 × 32 on one core, and growing with its area.
 *
 * @throws DataError for an option outside its range, or when so many people cannot be so far apart
 * @example
 * const faces = renderedFaces({ seed: 1, identities: 8, samplesPerIdentity: 14, size: 32 });
 * const { images, identity, expression } = faces.batch([0, 1, 14]);
 * const x = tensor(images, { shape: [3, 32, 32, 3] });
 * identity // [0, 0, 1]
 */
export function renderedFaces(options: RenderedFacesOptions = {}): RenderedFaces {
  return facesAmong(options, options.identities ?? 24);
}

function facesAmong(options: RenderedFacesOptions, known: number): RenderedFaces {
  const { seed = 0, identities = 24, samplesPerIdentity = 70, size = 32 } = options;
  const who = "renderedFaces";
  if (!Number.isSafeInteger(seed))
    throw dataError(who, "a safe integer as seed", String(seed), "any whole number will do");
  wholeNumber(who, "identities", identities, 1, "the number of different people");
  wholeNumber(who, "samplesPerIdentity", samplesPerIdentity, 1, "the number of images of each person");
  wholeNumber(who, "size", size, 8, "below 8 pixels no mouth can be seen; 32 is the usual size");
  const knobs = difficulty(presetName(options.preset ?? "balanced"), options.difficulty);
  const expressions = inCanonicalOrder(options.expressions ?? sevenExpressions);
  const { identitySpread: spread, identityMinDistance: minDistance } = knobs;
  const people = drawPopulation({ seed, count: identities, spread, minDistance });
  const samples = Array.from({ length: identities * samplesPerIdentity }, (_, i) => {
    const sample = i % samplesPerIdentity;
    return { person: Math.floor(i / samplesPerIdentity), sample, expression: sample % expressions.length };
  });
  return faceSet({ seed, size, people, known, expressions, difficulty: knobs }, samples);
}

export interface FaceSplitOptions extends Omit<RenderedFacesOptions, "identities"> {
  /** People to train on; default 24. */
  readonly trainingPeople?: number;
  /** Other people, on whom expression is validated; default 8. */
  readonly unseenPeople?: number;
  /** Images kept back of every training person, on which identity is validated; default a fifth. */
  readonly unseenSamples?: number;
}

/** The split of the main experiment: each task is validated on what it has to generalise to. */
export interface FaceSplit {
  readonly train: RenderedFaces;
  /** Unseen images of the people trained on. */
  readonly identityValidation: RenderedFaces;
  /** Images of people never trained on, all their identity labels being new. */
  readonly expressionValidation: RenderedFaces;
}

/**
 * Faces split for joint training of identity and expression. Identity is validated on unseen images of the training people,
 * expression on unseen people; the unseen people also serve verification, which must not know them either.
 *
 * @throws DataError as `renderedFaces`, and when no sample is left to train on
 */
export function renderedFacesSplit(options: FaceSplitOptions = {}): FaceSplit {
  const { trainingPeople = 24, unseenPeople = 8, samplesPerIdentity = 70, ...rest } = options;
  const { unseenSamples = Math.max(1, Math.floor(samplesPerIdentity / 5)) } = options;
  const who = "renderedFacesSplit";
  wholeNumber(who, "trainingPeople", trainingPeople, 1, "the people whose identity is learnt");
  wholeNumber(who, "unseenPeople", unseenPeople, 1, "the people on whom expression is validated");
  wholeNumber(who, "unseenSamples", unseenSamples, 1, "the images of each person on which identity is validated");
  if (unseenSamples >= samplesPerIdentity) {
    throw dataError(
      who,
      `fewer than ${samplesPerIdentity} unseen samples`,
      String(unseenSamples),
      "raise samplesPerIdentity",
    );
  }
  const identities = trainingPeople + unseenPeople;
  const faces = facesAmong({ ...rest, samplesPerIdentity, identities }, trainingPeople);
  const where = (wanted: (person: number, sample: number) => boolean): RenderedFaces => {
    const indices = Array.from({ length: faces.count }, (_, i) => i);
    return faces.subset(indices.filter((i) => wanted(Math.floor(i / samplesPerIdentity), i % samplesPerIdentity)));
  };
  const trained = samplesPerIdentity - unseenSamples;
  return {
    train: where((person, sample) => person < trainingPeople && sample < trained),
    identityValidation: where((person, sample) => person < trainingPeople && sample >= trained),
    expressionValidation: where((person) => person >= trainingPeople),
  };
}

function faceSet(source: Source, samples: readonly Sample[]): RenderedFaces {
  const { seed, size, people, expressions, difficulty: knobs } = source;
  const length = size * size * 3;
  const canvas = createCanvas(size);
  const sampleAt = (index: number): Sample => {
    const sample = samples[index];
    if (sample === undefined) {
      throw dataError(
        "RenderedFaces",
        `an index below ${samples.length}`,
        String(index),
        "indices count within this set or subset",
      );
    }
    return sample;
  };
  const draw = (index: number, out: Float32Array, at: number): void => {
    const { person, sample, expression } = sampleAt(index);
    const identity = people[person];
    const shown = expressions[expression];
    if (identity === undefined || shown === undefined) throw new RangeError("a sample outside its own set");
    renderFace(canvas, { seed, identity, person, sample, expression: shown, difficulty: knobs }, out, at);
  };
  const render = (indices: ArrayLike<number>): Float32Array => {
    const images = new Float32Array(indices.length * length);
    for (let i = 0; i < indices.length; i++) draw(indices[i] ?? -1, images, i * length);
    return images;
  };
  const labels = noisyLabels(source, samples);
  let all: Float32Array | null = null;
  return {
    count: samples.length,
    size,
    people,
    expressions,
    difficulty: knobs,
    ...labels,
    get images() {
      all ??= render(samples.map((_, i) => i));
      return all;
    },
    image: (index) => render([index]),
    batch: (indices) => ({
      images: render(indices),
      identity: Int32Array.from(indices, (i) => labels.identity[i] ?? -1),
      expression: Int32Array.from(indices, (i) => labels.expression[i] ?? -1),
    }),
    subset: (indices) => faceSet(source, Array.from(indices, sampleAt)),
  };
}

type Labels = Pick<RenderedFaces, "identity" | "expression" | "trueIdentity" | "trueExpression">;

function noisyLabels(source: Source, samples: readonly Sample[]): Labels {
  const { seed, people, known, expressions, difficulty: knobs } = source;
  const identity = new Int32Array(samples.length);
  const expression = new Int32Array(samples.length);
  for (const [i, { person, sample, expression: shown }] of samples.entries()) {
    const random = randomStream(seed, "label", person, sample);
    // Both tasks always draw, so that the noise of one never changes the labels of the other.
    const [chanceA, wrongA, chanceB, wrongB] = [random.uniform(), random.uniform(), random.uniform(), random.uniform()];
    const group: Group = person < known ? [0, known] : [known, people.length];
    identity[i] = chanceA < knobs.identityLabelNoise ? another(person, group, wrongA) : person;
    expression[i] = chanceB < knobs.expressionLabelNoise ? another(shown, [0, expressions.length], wrongB) : shown;
  }
  return {
    identity,
    expression,
    trueIdentity: Int32Array.from(samples, ({ person }) => person),
    trueExpression: Int32Array.from(samples, ({ expression: shown }) => shown),
  };
}

type Group = readonly [from: number, end: number];

/** A label of the group other than the true one, all alike likely; where there is no other, the true one. */
function another(label: number, [from, end]: Group, chance: number): number {
  const count = end - from;
  return count < 2 ? label : from + ((label - from + 1 + Math.floor(chance * (count - 1))) % count);
}

function presetName(name: string): DifficultyPreset {
  const names = Object.keys(difficultyPresets) as readonly DifficultyPreset[];
  const known = names.find((preset) => preset === name);
  if (known === undefined)
    throw dataError(
      "renderedFaces",
      `a preset out of ${names.join(", ")}`,
      name,
      "single knobs go into difficulty: { ... }",
    );
  return known;
}
