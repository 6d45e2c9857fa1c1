import { sizeOf, valueError, type Program } from "@steelyard/core";
import { calibrate, type Calibration } from "./contraction/calibrate.ts";
import { families, validates, type Family } from "./contraction/families.ts";
import type { CpuOptions } from "./device.ts";
import { revectorize as switchOn } from "./revectorizer.ts";

/** Which register tile a device's contractions are computed with. */
export interface FamilyChoice {
  /** Whether V8's revectorizer was switched on for it. */
  readonly revectorised: boolean;
  /** The one in use: chosen by what engine and options allow, until it was measured. */
  current(): Family;
  /** The one for a program. The first with much to multiply is worth the time to measure which is the quickest. */
  for(program: Program): Family;
  /** Measures, if it has not been done, and says how quick each is. */
  calibration(): Calibration;
}

// Devices of one process agree, and so do their bits: with the revectorizer off and on.
const calibrations = new Map<boolean, Calibration>();

/** Multiply-adds from which a program takes longer than finding out, by a wide margin. */
const muchWork = 1e8;

/**
 * Decides as the options ask: a tile that is named is kept, `deterministic` means the one without fused multiply-adds.
 *
 * @throws ValueError for a family that the engine has no instructions for, or that is not `deterministic`
 */
export function familyChoice({ family, deterministic = false, revectorize = false }: CpuOptions): FamilyChoice {
  const isWide = !deterministic && revectorize && switchOn();
  let current = family === undefined ? likely(deterministic, isWide) : required(family, deterministic);
  const isFixed = family !== undefined || deterministic;
  let isMeasured = false;
  const calibration = (): Calibration => {
    const measured = calibrations.get(isWide) ?? calibrate();
    calibrations.set(isWide, measured);
    isMeasured = true;
    if (!isFixed) current = clearlyBetter(measured, current);
    return measured;
  };
  return {
    revectorised: isWide,
    current: () => current,
    for(program) {
      if (!isFixed && !isMeasured && workOf(program) >= muchWork) calibration();
      return current;
    },
    calibration,
  };
}

/** A few milliseconds on a busy machine are not worth other bits: the likely tile stays unless another is much quicker. */
const clear = 1.15;

export function clearlyBetter({ measurements }: Calibration, likelyOne: Family): Family {
  const quickest = measurements[0];
  const mine = measurements.find(({ family }) => family === likelyOne);
  if (quickest === undefined) return families.plain;
  return mine !== undefined && clear * mine.gflops >= quickest.gflops ? likelyOne : quickest.family;
}

function likely(deterministic: boolean, isWide: boolean): Family {
  if (deterministic || !validates(families.fma)) return families.plain;
  return isWide ? families.wide : families.fma;
}

function required(name: Family["name"], deterministic: boolean): Family {
  const chosen = families[name];
  if (validates(chosen) && !(deterministic && chosen.fma)) return chosen;
  const needs = deterministic ? 'the family "plain", to be deterministic' : "an engine with relaxed SIMD";
  throw valueError("cpu", needs, name);
}

const contractions = new Set(["dot", "conv", "convGradInput", "convGradFilter"]);

/**
 * About how many multiply-adds a program does. Of m·k, k·n and m·n elements the product is (m·k·n)²; convolutions come out
 * a little low.
 */
function workOf({ instructions }: Program): number {
  return instructions
    .filter(({ primitive }) => contractions.has(primitive?.name ?? ""))
    .map(({ shape, inputs }) =>
      Math.sqrt(inputs.reduce((size, i) => size * sizeOf(instructions[i]!.shape), sizeOf(shape))),
    )
    .reduce((sum, work) => sum + work, 0);
}
