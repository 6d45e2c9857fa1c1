import { parseArgs } from "node:util";
import { SteelyardError } from "@steelyard/core";
import { families, type Family } from "@steelyard/cpu";
import { difficultyPresets, type DifficultyPreset } from "@steelyard/faces";
import { deviceNames, type DeviceName } from "../device-choice.ts";
import { strategyNames } from "./strategies.ts";

/** What the command line asks for, checked. */
export interface TrainOptions {
  readonly data: "rendered" | "cmu";
  readonly root: string | null;
  readonly strategies: readonly string[];
  readonly preset: DifficultyPreset;
  readonly people: number;
  readonly samples: number;
  /** Height of the images in pixels. */
  readonly size: number;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly dropout: number;
  readonly seed: number;
  /** How many folds or poses to run of each CMU protocol. */
  readonly folds: number | "all";
  /** Null: the best there is. */
  readonly device: DeviceName | null;
  /** Of each strategy's device; null: its share of the cores. */
  readonly threads: number | null;
  /** The register tile of contractions; null: the quickest. */
  readonly tiles: Family["name"] | null;
  readonly deterministic: boolean;
  readonly out: string;
}

interface Option {
  /** What holds where the option is not given; where it depends on the data, the CMU faces' own. */
  readonly fallback: string;
  readonly cmu?: string;
  /** What stands behind it; empty for a switch. */
  readonly value: string;
  readonly text: string;
}

const presets = Object.keys(difficultyPresets);

const tileNames = Object.keys(families);

/** Options that say nothing about a run on this data. */
export const unusedOptions: Readonly<Record<TrainOptions["data"], readonly string[]>> = {
  rendered: ["root", "folds"],
  cmu: ["preset", "people", "samples"],
};

/** Options that only the CPU device has a use for: who gives one asks for that device. */
const cpuOptions = ["threads", "tiles", "deterministic"];

// Beyond these a run would take gigabytes, and the system would end it without a word.
const mostPeople = 1000;
const mostImages = 1_000_000;
const mostSize = 256;
const mostBatchPixels = 2 ** 22;
const mostThreads = 256;

/** Every option once: its default, what it takes, what it does. The help is made of this table. */
// prettier-ignore
const table: Readonly<Record<string, Option>> = {
  data:            { fallback: "rendered", value: "rendered|cmu", text: "rendered faces, or the CMU Face Images under --root" },
  root:            { fallback: "",         value: "DIR",          text: "the folder of the CMU faces that holds a folder for each person" },
  strategies:      { fallback: "equal,naiveDynamic,dynamicDifficulty", value: "A,B", text: `what weights the losses: ${strategyNames.join(", ")}` },
  preset:          { fallback: "balanced", value: "NAME",         text: `difficulty of rendered faces: ${presets.join(", ")}` },
  people:          { fallback: "24",       value: "N",            text: "rendered people to train on; a third as many more are kept unseen" },
  samples:         { fallback: "250",      value: "N",            text: "rendered images of each person to train on" },
  size:            { fallback: "64",       cmu: "60", value: "N", text: "height of the images in pixels" },
  steps:           { fallback: "400",      cmu: "120", value: "N", text: "training steps for each strategy" },
  batch:           { fallback: "48",       value: "N",            text: "images a step" },
  "learning-rate": { fallback: "0.004",    cmu: "0.002", value: "X", text: "of the network's optimiser, Adam; falls to a tenth for the last quarter" },
  dropout:         { fallback: "0",        cmu: "0.3", value: "X", text: "share of the shared features dropped in training" },
  seed:            { fallback: "1",        value: "N",            text: "seed of faces, initial weights, batches and strategies" },
  folds:           { fallback: "1",        value: "N|all",        text: "folds to run of each CMU protocol" },
  device:          { fallback: "",         value: deviceNames.join("|"), text: "what computes; left out, what STEELYARD_DEVICE names, or else the quickest" },
  threads:         { fallback: "",         value: "N",            text: "of each strategy's device; left out, the cores divided among the strategies" },
  tiles:           { fallback: "",         value: tileNames.join("|"), text: "how contractions use registers, which decides their last digits; left out, measured" },
  deterministic:   { fallback: "",         value: "",             text: "the same bits on every machine, by the slower instructions that all machines have" },
  out:             { fallback: "out",      value: "DIR",          text: "where report.html and run.jsonl are written" },
};

/** Where the help's second column begins. */
const column = 33;

/** The text of `--help`. */
export function help(): string {
  const lines = Object.entries(table).map(([name, { fallback, cmu, value, text }]) => {
    const otherwise = fallback === "" ? "" : ` (${fallback}${cmu === undefined ? "" : `; for cmu ${cmu}`})`;
    return `  ${`--${name} ${value}`.padEnd(column)} ${text}${otherwise}`;
  });
  return [
    "steelyard [train] [options]",
    "steelyard device           what computes here and why, and how quick each way of using the CPU's registers is",
    "",
    "Trains one network to tell who a face is and what it expresses, once for each strategy of weighting the losses, from",
    "the same initial weights; prints losses and weights as it goes, and a table of validation accuracy at the end.",
    "Rendered faces score identity on unseen images and expression on unseen people. The CMU faces are two runs: poses",
    "left out score identity; people left out score pose, expression and eyes.",
    "",
    ...lines,
    `  ${"--help".padEnd(column)} this text`,
  ].join("\n");
}

/**
 * The options of an argument list; null when help was asked for.
 *
 * @throws UsageError in one line for an unknown option, strategy or preset, a value outside its range, or an option that
 * the data has no use for
 */
export function readOptions(args: readonly string[]): TrainOptions | null {
  const { values, positionals } = parse(args);
  if (values["help"] === true) return null;
  const [command = "train"] = positionals;
  if (command !== "train" || positionals.length > 1)
    throw usage("steelyard", "the command train, or device alone", positionals.join(" "));
  const data = readData(values);
  const text = (name: string): string => {
    const { fallback, cmu = fallback } = table[name]!;
    const given = values[name];
    return typeof given === "string" ? given : data === "cmu" ? cmu : fallback;
  };
  const whole = (name: string, least: number, most?: number): number => wholeNumber(name, text(name), least, most);
  if (data === "cmu" && text("root") === "") throw usage("--data cmu", "--root DIR", "no root");
  const device = readDevice(values);
  const people = whole("people", 2, mostPeople);
  const size = whole("size", 16, mostSize);
  return {
    data,
    root: data === "cmu" ? text("root") : null,
    strategies: readStrategies(text("strategies")),
    preset: readPreset(text("preset")),
    people,
    samples: whole("samples", 7, Math.floor(mostImages / people)),
    size,
    steps: whole("steps", 1),
    batch: whole("batch", 2, Math.floor(mostBatchPixels / size ** 2)),
    learningRate: number("learning-rate", text("learning-rate"), (x) => x > 0 && x < Infinity, "a number above 0"),
    dropout: number("dropout", text("dropout"), (x) => x >= 0 && x < 1, "a number of at least 0 and below 1"),
    seed: whole("seed", 0),
    folds: text("folds") === "all" ? "all" : whole("folds", 1),
    device,
    threads: values["threads"] === undefined ? null : whole("threads", 1, mostThreads),
    tiles: values["tiles"] === undefined ? null : readTiles(text("tiles")),
    deterministic: values["deterministic"] === true,
    out: readFolder("out", text("out")),
  };
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs> {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { value }]) => [name, { type: value === "" ? "boolean" : "string" } as const]),
  );
  try {
    return parseArgs({
      args: args.filter((arg) => arg !== "--"),
      allowPositionals: true,
      options: { ...options, help: { type: "boolean" } },
    });
  } catch (error) {
    const [first] = String(error instanceof Error ? error.message : error).split(/\.\s/u);
    throw usage("steelyard", "options that --help lists", first ?? "");
  }
}

/** The data, once no option was given that it has no use for. */
function readData(values: ReturnType<typeof parse>["values"]): TrainOptions["data"] {
  const data = values["data"] ?? table["data"]!.fallback;
  if (data !== "rendered" && data !== "cmu") throw usage("--data", "rendered or cmu", String(data));
  const idle = unusedOptions[data].find((name) => values[name] !== undefined);
  if (idle !== undefined) throw usage(`--${idle}`, `--data ${data === "cmu" ? "rendered" : "cmu"}`, `--data ${data}`);
  return data;
}

function readDevice(values: ReturnType<typeof parse>["values"]): DeviceName | null {
  const forCpu = cpuOptions.find((option) => values[option] !== undefined);
  const given = values["device"];
  if (given === undefined) return forCpu === undefined ? null : "cpu";
  const name = deviceNames.find((each) => each === given);
  if (name === undefined) throw usage("--device", `one of ${deviceNames.join(", ")}`, String(given));
  if (name !== "cpu" && forCpu !== undefined) throw usage(`--${forCpu}`, "--device cpu", `--device ${name}`);
  return name;
}

function readFolder(name: string, path: string): string {
  if (path === "") throw usage(`--${name}`, "a folder", shown(path));
  return path;
}

function readStrategies(list: string): string[] {
  const names = list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) throw usage("--strategies", `some of ${strategyNames.join(", ")}`, "none");
  for (const name of names) {
    if (!strategyNames.includes(name)) throw usage("--strategies", `some of ${strategyNames.join(", ")}`, name);
  }
  return [...new Set(names)];
}

function readTiles(name: string): Family["name"] {
  if (!tileNames.includes(name)) throw usage("--tiles", `one of ${tileNames.join(", ")}`, name);
  return name as Family["name"];
}

function readPreset(name: string): DifficultyPreset {
  const found = presets.find((preset) => preset === name);
  if (found === undefined) throw usage("--preset", `one of ${presets.join(", ")}`, name);
  return found as DifficultyPreset;
}

function wholeNumber(name: string, text: string, least: number, most: number = Infinity): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < least || value > most) {
    const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
    throw usage(`--${name}`, `a whole number ${range}`, shown(text));
  }
  return value;
}

function number(name: string, text: string, fits: (value: number) => boolean, needs: string): number {
  const value = Number(text);
  if (text.trim() === "" || !fits(value)) throw usage(`--${name}`, needs, shown(text));
  return value;
}

/** Text as an error shows it: what cannot be seen in quotes. */
function shown(text: string): string {
  return text.trim() === "" ? JSON.stringify(text) : text;
}

function usage(who: string, needs: string, got: string): SteelyardError {
  return new SteelyardError({ code: "UsageError", who, needs, got });
}
