import type { Device } from "../device.ts";
import { adjointLaws } from "./check-device-adjoints.ts";
import { graphLaws } from "./check-device-graphs.ts";
import { memoryLaws } from "./check-device-memory.ts";
import { sampleLaws } from "./check-device-samples.ts";
import { semanticLaws } from "./check-device-semantics.ts";
import { specialLaws } from "./check-device-specials.ts";
import { during, type DeviceLaw } from "./check-device-values.ts";

/** What `deviceLaws` draws, and what it lets pass. */
export interface DeviceLawOptions {
  /** Where the random cases begin; 0 when left out. */
  readonly seed?: number;
  /** How many random cases: 10 (when left out) is a run of seconds, 200 of minutes. */
  readonly cases?: number;
  /**
   * A device may say that it treats subnormal numbers as zeros: functions that round may then take an operand below 2⁻¹²⁶
   * for the zero of its sign. What does not round, and what moves numbers, keeps them all the same. False when left
   * out: the interpreter and the CPU device never say so.
   */
  readonly flushesSubnormals?: boolean;
}

/** The laws of devices by what they are about. */
export interface DeviceLaws {
  /** Every primitive's samples and first derivatives, one law for each primitive. */
  readonly samples: readonly DeviceLaw[];
  /** Infinities, NaN, zeros of both signs, subnormals, the ends of integers. */
  readonly specials: readonly DeviceLaw[];
  /** Operations and their adjoints as one form, bit for bit. */
  readonly adjoints: readonly DeviceLaw[];
  /** Random graphs, padding under functions, and what networks are made of. */
  readonly graphs: readonly DeviceLaw[];
  /** Copies, reads, commits, donation, host solves, training. */
  readonly semantics: readonly DeviceLaw[];
  /** No use after free, no leak. */
  readonly memory: readonly DeviceLaw[];
}

/**
 * What must hold on every device, law by law, so that a test runner can name each: an oracle's numbers, and the promises
 * of the `Device` interface. The interpreter is the oracle: integers, whole numbers and moves agree with it bit for
 * bit, everything else within the running error of single precision (`runningErrorAlgebra`).
 *
 * Laws run one after another: some choose the default device while they run.
 *
 * @example
 * // A test runner makes a test of each: test(title, () => check(device)).
 * for (const { check } of deviceLaws().semantics) await check(interpreter());
 */
export function deviceLaws({ seed = 0, cases = 10, flushesSubnormals = false }: DeviceLawOptions = {}): DeviceLaws {
  return {
    samples: sampleLaws(seed, Math.ceil(cases / 10)),
    specials: specialLaws(flushesSubnormals),
    adjoints: adjointLaws(seed, cases),
    graphs: graphLaws(seed, cases),
    semantics: semanticLaws(),
    memory: memoryLaws(seed, Math.ceil(cases / 2)),
  };
}

/**
 * Proves a device by all laws of `deviceLaws`, or throws an Error that names the device, the law, the case and the
 * number that is wrong.
 *
 * @example await checkDevice(interpreter());
 */
export async function checkDevice(device: Device, options: DeviceLawOptions = {}): Promise<void> {
  for (const { title, check } of Object.values(deviceLaws(options)).flat()) {
    await during(`${device.name}: ${title}`, () => check(device));
  }
}
