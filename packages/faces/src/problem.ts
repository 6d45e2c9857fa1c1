import { takeRows } from "@steelyard/nn";
import { wholeNumber } from "./data-error.ts";
import { cmuIdentitySplits, cmuInput, cmuSubjectSplits, type CmuFaces } from "./cmu.ts";
import { sevenExpressions } from "./expressions.ts";
import { renderedFacesSplit, type FaceSplitOptions, type RenderedFaces } from "./renderer/rendered-faces.ts";
import type { Split } from "./splits.ts";

/** Images with one label for each task. A label of −1 is missing: that task's loss leaves the image out. */
export interface LabelledImages {
  readonly count: number;
  /** Height, width and channels. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** Some images, `[indices.length, H, W, C]`, each with mean 0 and deviation 1. */
  images(indices: Int32Array): Float32Array;
  /** `[count]` for each task. */
  readonly labels: ReadonlyMap<string, Int32Array>;
}

/** Something to learn from one trunk: tasks, images to train on, and for each task the images that score it honestly. */
export interface FaceProblem {
  readonly name: string;
  readonly tasks: readonly { readonly name: string; readonly classes: readonly string[] }[];
  readonly train: LabelledImages;
  /** Only the tasks that this split may score. */
  readonly validation: ReadonlyMap<string, LabelledImages>;
}

export interface RenderedProblemOptions extends Pick<FaceSplitOptions, "seed" | "preset" | "difficulty"> {
  /** Width and height in pixels, at least 8; default 64. */
  readonly size?: number;
  /** People whose identity is learnt; default 24. */
  readonly people?: number;
  /** People on whom expression is scored; default a third of `people`. */
  readonly unseenPeople?: number;
  /** Images of each person to train on, at least 7 to show every expression; default 250. */
  readonly samples?: number;
  /** About how many images score each task, but a round of the expressions for each person at least; default 1000. */
  readonly validationImages?: number;
}

/**
 * Rendered faces: identity is scored on unseen images of the people trained on, expression on people never seen.
 *
 * Images are rendered when they are asked for, at some two milliseconds each, and not kept; `sharedImages` keeps them.
 *
 * @throws DataError for an option outside its range, and as `renderedFacesSplit`
 */
export function renderedProblem(options: RenderedProblemOptions = {}): FaceProblem {
  const {
    people = 24,
    unseenPeople = Math.max(1, Math.round(people / 3)),
    samples = 250,
    validationImages = 1000,
    size = 64,
  } = options;
  const who = "renderedProblem";
  wholeNumber(who, "people", people, 1, "the people whose identity is learnt");
  wholeNumber(who, "samples", samples, 1, "seven images of a person show every expression once");
  wholeNumber(who, "validationImages", validationImages, 1, "the images that score each task");
  const unseenSamples = wholeRounds(validationImages / people);
  const { train, identityValidation, expressionValidation } = renderedFacesSplit({
    ...options,
    size,
    trainingPeople: people,
    unseenPeople,
    samplesPerIdentity: samples + unseenSamples,
    unseenSamples,
  });
  const ofEach = Math.min(samples + unseenSamples, wholeRounds(validationImages / unseenPeople));
  const strangers = firstOfEach(expressionValidation, samples + unseenSamples, ofEach);
  return {
    name: "rendered faces",
    tasks: [
      { name: "identity", classes: Array.from({ length: people }, (_, i) => `person ${i + 1}`) },
      { name: "expression", classes: train.expressions },
    ],
    train: fromRendered(train, train.identity, train.expression),
    // Label noise is there to learn from; a score counts what an image really shows.
    validation: new Map([
      [
        "identity",
        fromRendered(identityValidation, identityValidation.trueIdentity, identityValidation.trueExpression),
      ],
      // Who was never trained on has no class.
      ["expression", fromRendered(strangers, new Int32Array(strangers.count).fill(-1), strangers.trueExpression)],
    ]),
  };
}

/** Expressions take turns, so that whole rounds of them hold each equally often. */
function wholeRounds(images: number): number {
  const expressions = sevenExpressions.length;
  return Math.max(1, Math.round(images / expressions)) * expressions;
}

/** The first `wanted` images of each person of a set that holds `each`. */
function firstOfEach(faces: RenderedFaces, each: number, wanted: number): RenderedFaces {
  return faces.subset(Array.from({ length: faces.count }, (_, i) => i).filter((i) => i % each < wanted));
}

function fromRendered(faces: RenderedFaces, identity: Int32Array, expression: Int32Array): LabelledImages {
  const { count, size } = faces;
  return {
    count,
    shape: [size, size, 3],
    images: (indices) => standardised(faces.batch(indices).images, indices.length),
    labels: new Map([
      ["identity", identity],
      ["expression", expression],
    ]),
  };
}

export interface CmuProblemOptions {
  /** Height of the network's input; the width keeps the shape of the photographs. Default 30. */
  readonly height?: number;
  /** How many folds of people there are; default 5. */
  readonly folds?: number;
}

/**
 * The CMU Face Images as the two problems that can be scored: poses left out for identity, people left out for the rest.
 * The network learns all four tasks in both; one split cannot score them all, as an unseen person has no identity class.
 *
 * @throws DataError for a pose without images, and for fewer people than folds
 */
export function cmuProblems(
  faces: CmuFaces,
  { height = 30, folds = 5 }: CmuProblemOptions = {},
): { readonly identity: readonly FaceProblem[]; readonly people: readonly FaceProblem[] } {
  const width = Math.round((height * faces.width) / faces.height);
  const pixels = cmuInput(faces, height, width);
  const problem = (protocol: string, split: Split, scored: readonly string[]): FaceProblem => {
    const part = (indices: Int32Array): LabelledImages => cmuPart(faces, pixels, [height, width, 1], indices);
    return {
      name: `CMU faces, ${protocol}, ${split.name}`,
      tasks: Object.entries(faces.classes).map(([name, classes]) => ({ name, classes })),
      train: part(split.train),
      validation: new Map(scored.map((task) => [task, part(split.test)])),
    };
  };
  return {
    identity: cmuIdentitySplits(faces).map((split) => problem("leave one pose out", split, ["identity"])),
    people: cmuSubjectSplits(faces, folds).map((split) =>
      problem("unseen people", split, ["pose", "expression", "eyes"]),
    ),
  };
}

function cmuPart(
  faces: CmuFaces,
  pixels: Float32Array,
  shape: readonly [number, number, number],
  chosen: Int32Array,
): LabelledImages {
  const length = shape[0] * shape[1] * shape[2];
  const pick = (labels: Int32Array): Int32Array => chosen.map((i) => labels[i]!);
  return {
    count: chosen.length,
    shape,
    images: (indices) => standardised(takeRows(pixels, length, takeRows(chosen, 1, indices)), indices.length),
    labels: new Map([
      ["identity", pick(faces.identity)],
      ["pose", pick(faces.pose)],
      ["expression", pick(faces.expression)],
      ["eyes", pick(faces.eyes)],
    ]),
  };
}

/** Per-image standardisation, as the released code does: (x − mean) / max(deviation, 1/√pixels). In place. */
function standardised(images: Float32Array, count: number): Float32Array {
  const length = images.length / Math.max(count, 1);
  for (let i = 0; i < count; i++) {
    const image = images.subarray(i * length, (i + 1) * length);
    const mean = image.reduce((sum, x) => sum + x, 0) / length;
    const variance = image.reduce((sum, x) => sum + (x - mean) ** 2, 0) / length;
    const scale = 1 / Math.max(Math.sqrt(variance), 1 / Math.sqrt(length));
    image.forEach((x, j) => (image[j] = (x - mean) * scale));
  }
  return images;
}
