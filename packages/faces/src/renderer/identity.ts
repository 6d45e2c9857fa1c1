import type { RandomStream } from "./randomness.ts";
import { dataError } from "../data-error.ts";
import { randomStream } from "./randomness.ts";

/** A number that two people differ in: its mean and deviation in the population, and how it is distributed. */
export interface TraitRow {
  readonly mean: number;
  readonly sd: number;
  readonly shape: "normal" | "uniform";
}

const normal = (mean: number, sd: number): TraitRow => ({ mean, sd, shape: "normal" });
const uniform = (low: number, high: number): TraitRow => ({
  mean: (low + high) / 2,
  // The deviation of a uniform variable is its width over √12.
  sd: (high - low) / Math.sqrt(12),
  shape: "uniform",
});

/**
 * The numbers of a person. Lengths are in units of the pupil distance, heights from the line of the pupils, down positive;
 * a "share" is relative to another trait.
 *
 * The first eight rows are measured on 102 people of the Face Research Lab London Set (DeBruine & Jones 2017); the other
 * spreads are ours, chosen by eye.
 */
// prettier-ignore
export const traitTable: Readonly<Record<Trait, TraitRow>> = {
  cheekWidth: normal(2.21, 0.12),
  chinY: normal(1.84, 0.11),
  hairlineY: normal(-1.19, 0.1),
  browY: normal(-0.12, 0.07), // lower edge of the inner end
  noseY: normal(0.71, 0.06),
  mouthY: normal(1.1, 0.06),
  mouthWidth: normal(0.8, 0.04),
  lipHeight: normal(0.28, 0.06), // both lips together

  foreheadWidth: normal(0.9, 0.04), // share of the cheek width
  jawWidth: normal(0.8, 0.06), // share of the cheek width
  chinWidth: normal(0.34, 0.06), // share of the cheek width
  browThickness: normal(0.13, 0.03),
  browArch: normal(0.09, 0.03),
  browTilt: normal(0, 0.03),
  browLength: normal(0.64, 0.05),
  eyeWidth: normal(0.56, 0.04),
  eyeHeight: normal(0.28, 0.03),
  eyeTilt: normal(0.02, 0.025),
  irisRadius: normal(0.13, 0.01),
  noseWidth: normal(0.54, 0.07),
  upperLip: normal(0.42, 0.05), // share of the lip height
  earSize: normal(0.5, 0.07),
  hairVolume: normal(0.24, 0.07),

  skinTone: uniform(0, 1),
  skinHue: normal(0, 1),
  irisTone: uniform(0, 1),
  hairTone: uniform(0, 1),
  hairWarmth: uniform(0, 1),
  lipRedness: uniform(0, 1),
  browTone: uniform(0, 1),
  beardDensity: uniform(0.5, 1),
};

export type Trait =
  | "cheekWidth"
  | "chinY"
  | "hairlineY"
  | "browY"
  | "noseY"
  | "mouthY"
  | "mouthWidth"
  | "lipHeight"
  | "foreheadWidth"
  | "jawWidth"
  | "chinWidth"
  | "browThickness"
  | "browArch"
  | "browTilt"
  | "browLength"
  | "eyeWidth"
  | "eyeHeight"
  | "eyeTilt"
  | "irisRadius"
  | "noseWidth"
  | "upperLip"
  | "earSize"
  | "hairVolume"
  | "skinTone"
  | "skinHue"
  | "irisTone"
  | "hairTone"
  | "hairWarmth"
  | "lipRedness"
  | "browTone"
  | "beardDensity";

const traits = Object.keys(traitTable) as readonly Trait[];

export type HairStyle = "short" | "bald" | "cropped" | "parted" | "fringe" | "long" | "bob" | "curly";
const hairStyles: readonly HairStyle[] = ["short", "bald", "cropped", "parted", "fringe", "long", "bob", "curly"];

export type Beard = "none" | "stubble" | "moustache" | "goatee" | "full";
const beards: readonly Beard[] = ["none", "stubble", "moustache", "goatee", "full"];

// Index into `beards`; six people out of ten are clean-shaven.
const beardDeck: readonly number[] = [0, 0, 0, 0, 0, 0, 1, 2, 3, 4];

/** A mark on the skin, in face units like the traits. */
export interface Mole {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Everything that makes a person, and nothing that changes from one image to the next. */
export interface Identity {
  readonly traits: Readonly<Record<Trait, number>>;
  readonly hairStyle: HairStyle;
  readonly beard: Beard;
  readonly moles: readonly Mole[];
}

export interface PopulationOptions {
  /** A safe integer. */
  readonly seed: number;
  readonly count: number;
  /** Factor on every deviation: 1 gives the published spreads, less makes people look alike. */
  readonly spread: number;
  /** The least allowed `identityDistance` between two people; without rejection the mean is near 1.4 · spread. */
  readonly minDistance: number;
}

// Rejection sampling gives up here: by then the accepted people nearly fill the space.
const mostAttempts = 500;

/**
 * Draws people one after the other, rejecting everyone too close to a person already accepted.
 *
 * Person `i` depends on the seed, the spread, the distance and `i` alone, so a larger population starts with the smaller one.
 * Cost: quadratic in the count, 31 traits per pair.
 *
 * @throws DataError when no further person is far enough from the others
 */
export function drawPopulation({ seed, count, spread, minDistance }: PopulationOptions): readonly Identity[] {
  const people: Identity[] = [];
  for (let i = 0; i < count; i++) {
    const random = randomStream(seed, "identity", i);
    let attempts = 0;
    let candidate = drawIdentity(random, spread);
    while (people.some((person) => identityDistance(person, candidate) < minDistance)) {
      attempts += 1;
      if (attempts > mostAttempts) {
        throw dataError(
          "drawPopulation",
          `${count} people at least ${minDistance} apart`,
          `room for ${i} at a spread of ${spread}`,
          "lower the least distance, raise the spread, or ask for fewer identities",
        );
      }
      candidate = drawIdentity(random, spread);
    }
    people.push(candidate);
  }
  return people;
}

/** One person, drawn from the population's spreads times `spread`. */
export function drawIdentity(random: RandomStream, spread: number): Identity {
  const values = {} as Record<Trait, number>;
  for (const trait of traits) {
    const { mean, sd, shape } = traitTable[trait];
    // Beyond three deviations parts of the face would overlap; a uniform variable ends at √3 by itself.
    const deviate = shape === "normal" ? clamp(random.normal(), -3, 3) : (random.uniform() * 2 - 1) * Math.sqrt(3);
    values[trait] = mean + sd * spread * deviate;
  }
  // Kinds have no scale to shrink, so a smaller spread makes more people take the first, commonest kind.
  const usual = !random.chance(spread);
  const style = hairStyles[usual ? 0 : random.integer(hairStyles.length)] ?? "short";
  const beard = beards[beardDeck[usual ? 0 : random.integer(beardDeck.length)] ?? 0] ?? "none";
  const moles = Array.from({ length: usual ? 0 : random.integer(4) }, () => ({
    x: random.uniform(-0.8, 0.8),
    y: random.uniform(0.25, 1.5),
    radius: random.uniform(0.03, 0.06),
  }));
  return { traits: values, hairStyle: style, beard, moles };
}

/**
 * How different two people look: the root mean square over all traits of their difference in population deviations; hair
 * style and beard count as one trait each, √2 when they differ (the expected difference of two random people).
 */
export function identityDistance(a: Identity, b: Identity): number {
  let sum = (a.hairStyle === b.hairStyle ? 0 : 2) + (a.beard === b.beard ? 0 : 2);
  for (const trait of traits) {
    const difference = (a.traits[trait] - b.traits[trait]) / traitTable[trait].sd;
    sum += difference * difference;
  }
  return Math.sqrt(sum / (traits.length + 2));
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
