import { deviceNames } from "../src/device-choice.ts";
import { difficultyPresets, type DifficultyPreset } from "../src/index.ts";

/** What the page is told by its address: `?device=cpu&size=16`. */
export interface Settings {
  /** What computes; null: the best there is. */
  readonly device: string | null;
  readonly preset: DifficultyPreset;
  readonly people: number;
  /** Images of each person to train on. */
  readonly samples: number;
  /** Width and height of an image in pixels. */
  readonly size: number;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Of faces, first weights and batches. */
  readonly seed: number;
}

/** One field of the form: how it is called there, what it is when nothing is said, and what may be chosen, if not any number. */
export interface Field {
  readonly name: keyof Settings;
  readonly label: string;
  readonly fallback: string;
  readonly choices?: readonly (readonly [value: string, label: string])[];
}

const presetLabels: Readonly<Record<DifficultyPreset, string>> = {
  balanced: "both tasks alike",
  easyIdentityHardExpression: "faint expressions",
  hardIdentityEasyExpression: "people who look alike",
  noisyExpression: "wrong expression labels",
};

export const fields: readonly Field[] = [
  { name: "device", label: "Device", fallback: "", choices: [["", "the best"], ...deviceNames.map((name) => [name, name] as const)] }, // prettier-ignore
  { name: "preset", label: "Difficulty", fallback: "balanced", choices: Object.entries(presetLabels) },
  { name: "people", label: "People", fallback: "12" },
  { name: "samples", label: "Images of each", fallback: "105" },
  { name: "size", label: "Pixels across", fallback: "32" },
  { name: "steps", label: "Steps", fallback: "400" },
  { name: "batch", label: "Images a step", fallback: "32" },
  { name: "learningRate", label: "Learning rate", fallback: "0.004" },
  { name: "seed", label: "Seed", fallback: "1" },
];

/** The text of every field, as the address has it or as nothing is said. */
export function fieldTexts(search: string): Readonly<Record<keyof Settings, string>> {
  const given = new URLSearchParams(search);
  const texts = fields.map(({ name, fallback }) => [name, given.get(name)?.trim() || fallback] as const);
  return Object.fromEntries(texts) as Record<keyof Settings, string>;
}

/** What the address asks for. Whoever uses a number refuses one that is no good. */
export function readSettings(search: string): Settings {
  const texts = fieldTexts(search);
  const { device } = texts;
  const preset = texts.preset in difficultyPresets ? (texts.preset as DifficultyPreset) : "balanced";
  const number = (name: keyof Settings): number => Number(texts[name]);
  return {
    device: device === "" ? null : device,
    preset,
    people: number("people"),
    samples: number("samples"),
    size: number("size"),
    steps: number("steps"),
    batch: number("batch"),
    learningRate: number("learningRate"),
    seed: number("seed"),
  };
}
