import { inRange } from "../data-error.ts";

/** How much of each degradation an image suffers, 0 (none) to 1 (hardly recognisable). */
export interface Degradations {
  /** Repeated binomial smoothing, up to a radius of a tenth of the image. */
  readonly blur: number;
  /** Shrinking to as little as a quarter of the size and growing back. */
  readonly downUp: number;
  /** Sensor noise, up to a deviation of 0.25. */
  readonly noise: number;
  /** Rounding of the cosine coefficients of 8 × 8 blocks, as strong JPEG compression does. */
  readonly quantisation: number;
  /** A plain rectangle over up to half the width and height, anywhere. */
  readonly occlusion: number;
  /** Shift up to 0.3 pupil distances and zoom by up to 15 %. */
  readonly jitter: number;
  /** Rotation in the picture, up to 30°. */
  readonly roll: number;
}

/** Everything that makes one of the tasks easier or harder. */
export interface Difficulty {
  /** Factor on the published spreads between people: less than 1 makes them look alike. */
  readonly identitySpread: number;
  /** The least `identityDistance` between two people. */
  readonly identityMinDistance: number;
  /** Share of samples whose identity label is replaced by another one. */
  readonly identityLabelNoise: number;
  /** Strength of the action units, 0 to 1: drawn uniformly between the two for each image. */
  readonly expressionIntensity: readonly [low: number, high: number];
  /** Share of samples whose expression label is replaced by another one. */
  readonly expressionLabelNoise: number;
  /** How much resting faces resemble expressions, 0 to 1: identity must then be known to read an expression. */
  readonly entanglement: number;
  /** Largest yaw and pitch in degrees, at most 25. */
  readonly pose: number;
  /** How uneven and how tinted the light is, 0 to 1. */
  readonly light: number;
  /** Share of images with glasses. */
  readonly glasses: number;
  readonly degradations: Degradations;
}

/** Any part of a difficulty; what is left out comes from the preset. */
export type DifficultyOptions = Partial<Omit<Difficulty, "degradations">> & {
  readonly degradations?: Partial<Degradations>;
};

const mild: Degradations = { blur: 0, downUp: 0, noise: 0.08, quantisation: 0, occlusion: 0, jitter: 0.45, roll: 0.2 };

const balanced: Difficulty = {
  identitySpread: 0.8,
  identityMinDistance: 0.7,
  identityLabelNoise: 0,
  expressionIntensity: [0.9, 1],
  expressionLabelNoise: 0,
  entanglement: 0.15,
  pose: 20,
  light: 0.8,
  glasses: 0.15,
  degradations: mild,
};

const easyIdentity: Partial<Difficulty> = { identitySpread: 1.25, identityMinDistance: 1.3, pose: 12, light: 0.3 };
const hardIdentity: Partial<Difficulty> = { identitySpread: 0.45, identityMinDistance: 0.35, pose: 20, light: 0.9 };

/** Named difficulties; the method's claim is that its weights follow from one to the other. */
export const difficultyPresets: Readonly<Record<DifficultyPreset, Difficulty>> = {
  /** Both tasks are learnable and neither is trivial. */
  balanced,
  /** People differ much and are lit evenly; expressions are faint and resting faces mislead. */
  easyIdentityHardExpression: { ...balanced, ...easyIdentity, expressionIntensity: [0.2, 0.5], entanglement: 0.5 },
  /** People look alike; expressions are played to the last row. */
  hardIdentityEasyExpression: { ...balanced, ...hardIdentity, expressionIntensity: [1, 1], entanglement: 0 },
  /** As balanced, with three expression labels in ten wrong. */
  noisyExpression: { ...balanced, expressionLabelNoise: 0.3 },
};

export type DifficultyPreset =
  "balanced" | "easyIdentityHardExpression" | "hardIdentityEasyExpression" | "noisyExpression";

/**
 * A preset with some knobs turned.
 *
 * @throws DataError for a knob outside its range
 */
export function difficulty(preset: DifficultyPreset, turned: DifficultyOptions = {}): Difficulty {
  const base = difficultyPresets[preset];
  const { degradations, ...knobs } = turned;
  const result: Difficulty = { ...base, ...knobs, degradations: { ...base.degradations, ...degradations } };
  check("identitySpread", result.identitySpread, 1.5);
  check("identityMinDistance", result.identityMinDistance, 3);
  check("pose", result.pose, 25);
  for (const name of ["identityLabelNoise", "expressionLabelNoise", "entanglement", "light", "glasses"] as const) {
    check(name, result[name], 1);
  }
  const [low, high] = result.expressionIntensity;
  check("expressionIntensity[1]", high, 1);
  check("expressionIntensity[0]", low, high);
  for (const [name, level] of Object.entries(result.degradations)) check(`degradations.${name}`, level, 1);
  return result;
}

function check(name: string, value: number, high: number): void {
  inRange("difficulty", name, value, 0, high, "0 is the easiest end of most knobs; see Difficulty");
}
